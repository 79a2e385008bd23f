//! The pages and feeds, from the store: the same store gives the same bytes.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::feeds;
use super::markup;
use super::store::Record;
use super::view::{Page, PostView, Site};

/// Posts in full on the first page; the archive lists all.
const ON_INDEX: usize = 30;

/// Makes the pages.
pub struct Builder<'a> {
    site: &'a Site,
    templates: Environment<'static>,
}

impl<'a> Builder<'a> {
    /// Reads the templates.
    ///
    /// # Errors
    /// Never with the templates of this program.
    pub fn new(site: &'a Site) -> Result<Self, minijinja::Error> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        // The ending turns escaping on. Text is escaped our way, which leaves the `/` of addresses readable.
        templates.set_formatter(|out, state, value| match value.as_str().filter(|_| !value.is_safe()) {
            Some(text) => Ok(out.write_str(&markup::escaped(text))?),
            None => minijinja::escape_formatter(out, state, value),
        });
        templates.add_template("layout.html", include_str!("layout.html"))?;
        templates.add_template("post.html", include_str!("post.html"))?;
        templates.add_template("archive.html", include_str!("archive.html"))?;
        templates.add_template("feed-entry.html", include_str!("feed-entry.html"))?;
        Ok(Self { site, templates })
    }

    /// A post's own page.
    ///
    /// # Errors
    /// When a template fails.
    pub fn page(&self, record: &Record, there: &BTreeSet<String>) -> Result<Page, minijinja::Error> {
        let post = PostView::new(record, there);
        let main = self.post(&post, "../", true)?;
        let layout = context! {
            root => "../", home => false, archive => false, lang => &post.lang, title => &post.headline,
            address => &post.href, main => Value::from_safe_string(main), picture => self.picture(&post),
        };
        Ok((format!("posts/{}.html", record.frozen.page), self.layout(layout)?))
    }

    /// The pages and feeds that show many posts, and the style sheet.
    ///
    /// # Errors
    /// When a template or a feed cannot be written.
    pub fn lists(&self, records: &[&Record], there: &BTreeSet<String>) -> Result<Vec<Page>, minijinja::Error> {
        let posts: Vec<PostView> = newest_first(records).into_iter().map(|it| PostView::new(it, there)).collect();
        let mut main = String::new();
        for post in posts.iter().take(ON_INDEX) {
            main.push_str(&self.post(post, "", false)?);
        }
        let archive = posts.len() > ON_INDEX;
        let layout = |home: bool, address: &str, main: String| {
            let main = Value::from_safe_string(main);
            let title = if home { &self.site.title } else { "All posts" };
            self.layout(context! {
                root => "", home, archive => home && archive, lang => "", title, address, main, picture => (),
            })
        };
        let mut pages = vec![
            ("index.html".to_owned(), layout(true, "", main)?),
            ("style.css".to_owned(), include_bytes!("style.css").to_vec()),
        ];
        if archive {
            let main = self.templates.get_template("archive.html")?.render(context! { posts => Serde(&posts) })?;
            pages.push(("archive.html".to_owned(), layout(false, "archive.html", main)?));
        }
        pages.extend(feeds::feeds(self.site, &newest_first(records), &posts, &self.templates)?);
        Ok(pages)
    }

    fn post(&self, post: &PostView, root: &str, alone: bool) -> Result<String, minijinja::Error> {
        self.templates.get_template("post.html")?.render(context! { post => Serde(post), root, alone })
    }

    fn layout(&self, page: Value) -> Result<Vec<u8>, minijinja::Error> {
        let site = context! { site => &self.site.title, url => self.site.url.as_deref() };
        let html = self.templates.get_template("layout.html")?.render(context! { ..page, ..site })?;
        Ok(html.into_bytes())
    }

    /// The picture that other sites show with a link to the post: they want a whole address.
    fn picture(&self, post: &PostView) -> Option<String> {
        let url = self.site.url.as_ref().filter(|_| post.warning.is_none() && !post.sensitive)?;
        let mut pictures = post.parts.iter().flat_map(|part| &part.media).filter(|media| media.kind == "image");
        pictures.next().map(|media| format!("{url}/{}", media.href))
    }
}

/// Newest first; posts of one second by name, so that the order is always the same.
fn newest_first<'r>(records: &[&'r Record]) -> Vec<&'r Record> {
    let mut records = records.to_vec();
    records.sort_by(|a, b| {
        (Reverse(a.frozen.published), &a.frozen.page).cmp(&(Reverse(b.frozen.published), &b.frozen.page))
    });
    records
}
