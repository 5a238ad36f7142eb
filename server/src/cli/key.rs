//! `almanac key`.

use clap::{Args, Subcommand};
use schemas::KbName;
use secrecy::ExposeSecret;

use super::{Common, Failure, output};
use crate::auth::{KeyStore, NewKey, Role, expiry_from, now_ms};

const EXAMPLES: &str = "\
Examples:
  almanac key create --role read --name shop --expires 90d
  almanac key list
  almanac key revoke 0123456789ab

Keys belong to a data folder. A running server takes new and revoked keys into account at its next request.
Roles: `read` asks and searches, `write` also loads and changes, `admin` also creates and deletes knowledge bases.";

/// Create, list and revoke API keys.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Key {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key and print it: it is shown this once.
    Create {
        /// What it allows.
        #[arg(long, value_enum, default_value = "read")]
        role: Role,
        /// What it is for.
        #[arg(long, default_value = "")]
        name: String,
        /// When it ends: 12h, 90d, 1y [default: never].
        #[arg(long, value_name = "SPAN")]
        expires: Option<String>,
        /// A knowledge base that it reaches; may be given several times [default: all].
        #[arg(long = "kb", value_name = "NAME")]
        knowledge_bases: Vec<String>,
    },
    /// List the keys, without their secrets.
    List,
    /// Take a key away.
    Revoke {
        /// Its id, as `list` shows it.
        id: String,
    },
}

impl Key {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        if common.url.is_some() {
            return Err(Failure::usage(
                "keys are managed in the data folder, on the server's machine: use --data",
            ));
        }
        let settings = common.settings(Vec::new())?.settings;
        let store = KeyStore::open(&settings.data, None)?;
        match self.action {
            Action::Create {
                role,
                name,
                expires,
                knowledge_bases,
            } => {
                let expires_ms = expires
                    .map(|span| expiry_from(&span, now_ms()))
                    .transpose()
                    .map_err(Failure::usage)?;
                let reach: Vec<KbName> = knowledge_bases
                    .iter()
                    .map(|n| n.parse())
                    .collect::<Result<_, _>>()?;
                let knowledge_bases = (!reach.is_empty()).then_some(reach);
                let (record, secret) = store.create(NewKey {
                    name,
                    role,
                    expires_ms,
                    knowledge_bases,
                })?;
                if common.json {
                    let key = secret.expose_secret();
                    return output::json(&serde_json::json!({
                        "id": record.id, "name": record.name, "role": record.role, "expires_ms": record.expires_ms, "key": key,
                    }));
                }
                eprintln!("key {} is made; it is shown this once:", record.id);
                output::line(secret.expose_secret())
            }
            Action::List => list(common, &store),
            Action::Revoke { id } => {
                store.revoke(&id)?;
                output::line(format!("{id}: revoked"))
            }
        }
    }
}

fn list(common: &Common, store: &KeyStore) -> Result<(), Failure> {
    let keys = store.list()?;
    if common.json {
        let shown: Vec<_> = keys
            .iter()
            .map(|k| {
                serde_json::json!({
                    "id": k.id, "name": k.name, "role": k.role, "created_ms": k.created_ms,
                    "expires_ms": k.expires_ms, "knowledge_bases": k.knowledge_bases,
                })
            })
            .collect();
        return output::json(&shown);
    }
    if keys.is_empty() {
        eprintln!(
            "there are no keys: anyone on this machine may do everything, and nobody else anything"
        );
    }
    let now = now_ms();
    for key in keys.iter() {
        let role = match key.role {
            Role::Read => "read",
            Role::Write => "write",
            Role::Admin => "admin",
        };
        let ends = match key.expires_ms {
            None => "never ends".to_owned(),
            Some(end) if end <= now => "has ended".to_owned(),
            Some(end) => jiff::Timestamp::from_millisecond(end)
                .map_or_else(|_| "ends some day".to_owned(), |t| format!("ends {t:.0}")),
        };
        output::line(format!("{}  {role:5}  {ends}  {}", key.id, key.name))?;
    }
    Ok(())
}
