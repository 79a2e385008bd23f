"""Reads an outbox's folder as strangers would, and prints every fault: pages with html5lib, which knows the errors of
the WHATWG's parser; Atom with an XML parser and feedparser, against RFC 4287; JSON Feed against its version 1.1.

    check.py FOLDER
"""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import feedparser
import html5lib

ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"
# RFC 3339, with the capitals that RFC 4287, section 3.3, asks for.
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

faults = []
folder = Path(sys.argv[1])


def demand(holds, where, what):
    if not holds:
        faults.append(f"{where}: {what}")


def is_time(text):
    try:
        return bool(TIME.fullmatch(text)) and datetime.fromisoformat(text) is not None
    except (TypeError, ValueError):
        return False


def is_address(text):
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def page(file):
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    tree = parser.parse(file.read_bytes(), transport_encoding="utf-8")
    for (line, column), error, details in parser.errors:
        faults.append(f"{file}:{line}:{column}: {error} {details}")
    identifiers = [element.get("id") for element in tree.iter() if element.get("id")]
    demand(len(identifiers) == len(set(identifiers)), file, "an id is there twice")
    demand(LANGUAGE.fullmatch(tree.get("lang", "")), file, "<html> has no language")
    demand((tree.findtext("head/title") or "").strip(), file, "it has no title")
    demand(len(tree.findall(".//main")) == 1, file, "it has not one <main>")
    demand(not list(tree.iter("script")), file, "it has a script")
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        demand(element.tag != "img" or element.get("alt") is not None, file, "an image has no alt")
        demand(not any(name.startswith("on") for name in element.attrib), file, "an attribute is a script")
        for address in filter(None, (element.get("href"), element.get("src"))):
            target = urlsplit(address)
            demand(target.scheme in ("", "http", "https", "mailto"), file, f"it leads to {address}")
            if not target.scheme and target.path:
                there = (file.parent / unquote(target.path)).resolve()
                demand(there.is_relative_to(folder.resolve()) and there.exists(), file, f"no {address} is there")


def fragment(where, html):
    parser = html5lib.HTMLParser()
    parser.parseFragment(html)
    for (line, column), error, details in parser.errors:
        faults.append(f"{where}, content {line}:{column}: {error} {details}")


def once(element, where, *names):
    for name in names:
        found = element.findall(ATOM + name)
        demand(len(found) == 1, where, f"{len(found)} times <{name}>")
        demand(all((it.text or "").strip() for it in found), where, f"<{name}> is empty")


def atom_links(element, where):
    seen = set()
    for link in element.findall(ATOM + "link"):
        demand(link.get("href"), where, "a link leads nowhere")
        key = (link.get("rel", "alternate"), link.get("type"), link.get("hreflang"))
        demand(key not in seen, where, f"two links {key}")
        seen.add(key)
    return {relation for relation, _, _ in seen}


def atom(file):
    feed = ElementTree.fromstring(file.read_bytes())
    demand(feed.tag == ATOM + "feed", file, f"it is a {feed.tag}")
    for element in feed.iter():
        demand(element.tag.startswith(ATOM), file, f"<{element.tag}> is no element of Atom")
        if element.tag in (ATOM + "updated", ATOM + "published"):
            demand(is_time(element.text), file, f"{element.text} is no time")
        language = element.get(XML + "lang")
        demand(language is None or LANGUAGE.fullmatch(language), file, f"{language} is no language")
    once(feed, file, "title", "id", "updated")
    demand("self" in atom_links(feed, file), file, "no link to itself")
    entries = feed.findall(ATOM + "entry")
    for entry in entries:
        where = f"{file}, {entry.findtext(ATOM + 'id')}"
        once(entry, where, "title", "id", "updated", "content")
        demand(entry.find(f"{ATOM}author/{ATOM}name") is not None or feed.find(f"{ATOM}author/{ATOM}name") is not None,
               where, "no author")
        demand("alternate" in atom_links(entry, where), where, "no link to the page")
        content = entry.find(ATOM + "content")
        demand(content.get("type") == "html" and not len(content), where, "the content is no escaped HTML")
        fragment(where, content.text or "")
    identifiers = [it.text for it in feed.iter(ATOM + "id")]
    demand(len(identifiers) == len(set(identifiers)), file, "an id is there twice")
    for identifier in identifiers:
        demand(re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", identifier), file, f"{identifier} is no IRI")
    read = feedparser.parse(str(file))
    demand(not read.bozo, file, f"feedparser: {read.get('bozo_exception')}")
    demand(read.version == "atom10" and len(read.entries) == len(entries), file, "feedparser reads something else")
    return [entry.findtext(ATOM + "id") for entry in entries]


def json_feed(file):
    feed = json.loads(file.read_bytes())
    demand(feed.get("version") == "https://jsonfeed.org/version/1.1", file, "another version")
    demand(isinstance(feed.get("title"), str) and feed["title"], file, "no title")
    known = {"version", "title", "home_page_url", "feed_url", "description", "user_comment", "next_url", "icon",
             "favicon", "authors", "language", "expired", "hubs", "items"}
    demand(set(feed) <= known, file, f"keys {set(feed) - known}")
    for author in feed.get("authors", []):
        demand(set(author) & {"name", "url", "avatar"}, file, "an author without a name")
    items = feed.get("items")
    demand(isinstance(items, list), file, "no items")
    known = {"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
             "date_published", "date_modified", "authors", "tags", "language", "attachments"}
    for item in items:
        where = f"{file}, {item.get('id')}"
        demand(isinstance(item.get("id"), str) and item["id"], where, "no id")
        demand(set(item) <= known, where, f"keys {set(item) - known}")
        demand(isinstance(item.get("content_html"), str) or isinstance(item.get("content_text"), str), where,
               "no content")
        fragment(where, item.get("content_html", ""))
        demand(is_time(item.get("date_published")), where, "no time")
        demand("language" not in item or LANGUAGE.fullmatch(item["language"]), where, "no language")
        for attachment in item.get("attachments", []):
            demand(is_address(attachment.get("url", "")) and "/" in attachment.get("mime_type", ""), where,
                   f"attachment {attachment}")
            demand(isinstance(attachment.get("size_in_bytes", 0), int), where, "a size that is no number")
    addresses = [feed.get("home_page_url"), feed.get("feed_url"), *(item.get("url") for item in items)]
    for address in filter(None, addresses):
        demand(is_address(address), file, f"{address} is no address")
    return [item.get("id") for item in items]


pages = sorted(folder.rglob("*.html"))
for file in pages:
    page(file)
ids = atom(folder / "feed.atom")
demand(ids == json_feed(folder / "feed.json"), folder, "the two feeds tell of different posts")
print("\n".join(faults) or f"{len(pages)} pages, {len(ids)} entries")
sys.exit(1 if faults else 0)
