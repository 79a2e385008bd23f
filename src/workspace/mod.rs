//! What is written: posts, settings, roles. Pure: bytes in, values and findings out.

pub mod assets;
pub mod characters;
pub mod files;
pub mod finding;
pub mod load;
pub mod names;
pub mod post;
pub mod roles;
pub mod settings;
pub mod source;

pub use files::{Asset, Assets, FileEntry, FileProblem, Files};
pub use finding::{Finding, Severity};
pub use load::{BrokenPost, Loaded, LoadedPost, Scope, load, load_post, load_roles, load_settings};
pub use names::{AccountName, NameError, PostId};
pub use post::{Body, Due, Link, Media, Post, Text, Variant};
pub use roles::{
    ADMIN, EvidenceMode, Key, Person, PersonId, PolicySettings, Reschedule, RoleName, Roles, Stage, When, Workflow,
};
pub use settings::{Account, NetworkSpec, Settings};
pub use source::{Place, Source};
