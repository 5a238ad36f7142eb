//! `almanac kb`.

use clap::{Args, Subcommand};
use schemas::knowledge_base::{
    CreateKnowledgeBase, KnowledgeBaseInfo, KnowledgeBaseItem, KnowledgeBaseList,
};

use super::{
    Common, Failure,
    output::{self, grouped},
    target::{Target, segment},
};

/// Create, list, describe and delete knowledge bases.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  almanac kb create world\n  almanac kb list\n  almanac kb delete world --yes"
)]
pub(super) struct Kb {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an empty knowledge base.
    Create {
        /// 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.
        name: String,
    },
    /// List all knowledge bases.
    List,
    /// Describe one.
    Info {
        /// Its name.
        name: String,
    },
    /// Delete one with all that it holds.
    Delete {
        /// Its name.
        name: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

impl Kb {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        match self.action {
            Action::Create { name } => {
                let info = create(&Target::open(common)?, &name)?;
                print(common, info)
            }
            Action::Info { name } => {
                let info = match Target::open(common)? {
                    Target::Local(local) => {
                        let shelf = local.shelf(&name)?;
                        shelf.view().info(shelf.name())?
                    }
                    Target::Remote(client) => {
                        client.get(&format!("/kb/{}", segment(&name)), &[])?
                    }
                };
                print(common, info)
            }
            Action::List => list(common),
            Action::Delete { name, yes } => delete(common, &name, yes),
        }
    }
}

/// Makes a knowledge base.
pub(super) fn create(target: &Target, name: &str) -> Result<KnowledgeBaseInfo, Failure> {
    match target {
        Target::Local(local) => {
            let shelf = local.library.create(&name.parse()?)?;
            Ok(shelf.view().info(shelf.name())?)
        }
        Target::Remote(client) => client.post(
            "/kb",
            &CreateKnowledgeBase {
                name: name.to_owned(),
            },
        ),
    }
}

fn list(common: &Common) -> Result<(), Failure> {
    let list = match Target::open(common)? {
        Target::Local(local) => {
            let mut items = Vec::new();
            for name in local.library.list()? {
                // One that does not open must not hide the others.
                items.push(match local.library.get(&name) {
                    Ok(shelf) => shelf.view().info(&name)?.into(),
                    Err(error) => KnowledgeBaseItem::faulty(name, error.to_string()),
                });
            }
            KnowledgeBaseList { items }
        }
        Target::Remote(client) => client.get("/kb", &[])?,
    };
    if common.json {
        return output::json(&list);
    }
    if list.items.is_empty() {
        eprintln!("there is no knowledge base yet: create one with `almanac kb create NAME`");
    }
    for item in &list.items {
        show(item)?;
    }
    Ok(())
}

fn print(common: &Common, info: KnowledgeBaseInfo) -> Result<(), Failure> {
    if common.json {
        return output::json(&info);
    }
    show(&info.into())
}

/// One line for a knowledge base.
fn show(item: &KnowledgeBaseItem) -> Result<(), Failure> {
    if let Some(fault) = &item.fault {
        return output::line(format!("{}: does not open: {fault}", item.name));
    }
    let count = |count: Option<u64>| grouped(count.unwrap_or_default());
    output::line(format!(
        "{}: revision {}, {} quads, {} entities, {} documents",
        item.name,
        item.revision.unwrap_or_default(),
        count(item.quads),
        count(item.entities),
        count(item.documents)
    ))
}

fn delete(common: &Common, name: &str, yes: bool) -> Result<(), Failure> {
    if !yes {
        use std::io::IsTerminal;
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage("pass --yes to delete without being asked"));
        }
        eprint!("delete `{name}` with all that it holds? Type its name: ");
        let mut typed = String::new();
        std::io::stdin().read_line(&mut typed)?;
        if typed.trim() != name {
            return Err(Failure::failed("nothing was deleted"));
        }
    }
    match Target::open(common)? {
        Target::Local(local) => local.library.delete(&name.parse()?)?,
        Target::Remote(client) => client.delete(&format!("/kb/{}", segment(name)))?,
    }
    if common.json {
        return output::json(&serde_json::json!({"deleted": name}));
    }
    output::line(format!("{name}: deleted"))
}
