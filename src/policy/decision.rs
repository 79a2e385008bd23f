//! The result of holding evidence against the workflow: a tree that explains itself.

/// Whether a node of the tree is satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Satisfied.
    Approved,
    /// Somebody's turn.
    Waiting,
    /// Its turn has not come.
    Pending,
    /// Vetoed.
    Rejected,
    /// It cannot be judged, and so counts as no.
    Error,
    /// Told for explanation: evidence that does not count, and why.
    NotCounted,
}

/// One node: what was asked, how it stands, why.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Decision {
    /// What was asked: `workflow regulated`, `stage legal`, `approval by Noor Haddad`.
    pub what: String,
    /// How it stands.
    pub status: Status,
    /// Why, in a sentence without a full stop; empty where the children say it all.
    pub reason: String,
    /// The people who can make it `approved`, by short name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub turn: Vec<String>,
    /// The commit that it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What it is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Decision>,
}

impl Decision {
    /// A node without children.
    pub fn new(what: impl Into<String>, status: Status, reason: impl Into<String>) -> Self {
        Self { what: what.into(), status, reason: reason.into(), turn: Vec::new(), commit: None, children: Vec::new() }
    }

    /// Whether it is a yes.
    pub fn approved(&self) -> bool {
        self.status == Status::Approved
    }

    /// The commits that a yes rests on: those of the approved nodes.
    pub fn commits(&self) -> Vec<String> {
        let mut commits: Vec<String> = Vec::new();
        self.collect(&mut commits);
        commits.sort();
        commits.dedup();
        commits
    }

    fn collect(&self, commits: &mut Vec<String>) {
        if self.approved() {
            commits.extend(self.commit.clone());
            for child in &self.children {
                child.collect(commits);
            }
        }
    }

    /// Whose turn it is: those who can lift a rejection, else the people of the waiting nodes. Each once.
    pub fn whose_turn(&self) -> Vec<String> {
        let mut people = self.turn.clone();
        for child in self.children.iter().filter(|child| child.status == Status::Waiting) {
            people.extend(child.whose_turn());
        }
        people.sort();
        people.dedup();
        people
    }
}
