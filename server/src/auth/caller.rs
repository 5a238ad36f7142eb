//! Who sends a request, and what that allows.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemas::{ErrorClass, KbName};

use super::{KeyStore, Role};
use crate::{problem::ApiError, state::AppState};

/// The sender of a request. A handler that takes one is reached only by those who hold a valid key, or by
/// anyone on this machine while no key exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    role: Role,
    key: String,
    reach: Option<Vec<KbName>>,
}

impl Caller {
    /// Anyone on this machine, while no key exists.
    fn open() -> Self {
        Self {
            role: Role::Admin,
            key: "open".to_owned(),
            reach: None,
        }
    }

    /// The id of the key that was shown.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Refuses (403) unless the caller's role reaches as far.
    pub fn allow(&self, role: Role) -> Result<(), ApiError> {
        if self.role >= role {
            return Ok(());
        }
        let needed = match role {
            Role::Read => "read",
            Role::Write => "write",
            Role::Admin => "admin",
        };
        Err(ApiError::new(
            ErrorClass::Forbidden,
            format!("this needs a key with the role `{needed}`"),
        ))
    }

    /// Whether the caller may know of a knowledge base.
    pub fn sees(&self, name: &str) -> bool {
        self.reach
            .as_ref()
            .is_none_or(|names| names.iter().any(|n| n.as_str() == name))
    }

    /// Whether the caller's key reaches all knowledge bases.
    pub fn sees_all(&self) -> bool {
        self.reach.is_none()
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(identify(request))
    }
}

fn identify(request: &HttpRequest) -> Result<Caller, ApiError> {
    let Some(state) = request.app_data::<web::Data<AppState>>() else {
        return Err(ApiError::internal("the application has no state"));
    };
    let header = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok());
    let guarded = state
        .keys
        .any()
        .map_err(|e| ApiError::internal(e.to_string()))?;
    if !guarded && state.loopback {
        return open_caller(request);
    }
    let missing =
        "a key is needed: send `Authorization: Bearer KEY`, or HTTP Basic with the key as password";
    let text = header.ok_or_else(|| ApiError::new(ErrorClass::Unauthenticated, missing))?;
    let key =
        credential(text).ok_or_else(|| ApiError::new(ErrorClass::Unauthenticated, missing))?;
    check(&state.keys, &key)
}

fn check(keys: &KeyStore, key: &str) -> Result<Caller, ApiError> {
    let record = keys
        .verify(key)
        .map_err(|e| ApiError::internal(e.to_string()))?
        .ok_or_else(|| {
            ApiError::new(
                ErrorClass::Unauthenticated,
                "the key is unknown, revoked or expired",
            )
        })?;
    Ok(Caller {
        role: record.role,
        key: record.id,
        reach: record.knowledge_bases,
    })
}

/// Without keys the only guard is that the server listens on this machine alone. A page of a foreign site, or
/// a name that was rebound to 127.0.0.1, must not get around it through a browser; nor must a proxy.
fn open_caller(request: &HttpRequest) -> Result<Caller, ApiError> {
    let info = request
        .headers()
        .get(header::HOST)
        .and_then(|v| v.to_str().ok());
    let host = info.or_else(|| request.uri().host());
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .and_then(|v| v.to_str().ok());
    let local = host.is_none_or(|h| is_local(strip_port(h)));
    let same = origin.is_none_or(|o| {
        o.split_once("://")
            .is_some_and(|(_, o)| host.is_some_and(|h| h == o))
    });
    if local && same {
        return Ok(Caller::open());
    }
    Err(ApiError::new(
        ErrorClass::Forbidden,
        "without keys only this machine is served, under its own name: create one with `almanac key create`",
    ))
}

fn strip_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(at) if !host.ends_with(']') => &host[..at],
        _ => host,
    }
}

fn is_local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The key in an `Authorization` header: a bearer token, or the password of HTTP Basic.
fn credential(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return (!rest.is_empty()).then(|| rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    let (_, password) = decoded.split_once(':')?;
    (!password.is_empty()).then(|| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_and_basic_carry_the_key() {
        assert_eq!(credential("Bearer alm_a_b").as_deref(), Some("alm_a_b"));
        assert_eq!(credential("bearer  x ").as_deref(), Some("x"));
        let basic = format!("Basic {}", STANDARD.encode("anyone:alm_a_b:c"));
        assert_eq!(credential(&basic).as_deref(), Some("alm_a_b:c"));
        for bad in [
            "",
            "Bearer",
            "Bearer ",
            "Basic !",
            "Basic bm9jb2xvbg==",
            "Digest x",
        ] {
            assert_eq!(credential(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in [
            "localhost:8080",
            "127.0.0.1",
            "127.0.0.1:1",
            "[::1]:80",
            "[::1]",
            "LOCALHOST",
        ] {
            assert!(is_local(strip_port(host)), "{host}");
        }
        for host in [
            "example.org",
            "localhost.example.org:80",
            "10.0.0.1",
            "[::2]:80",
        ] {
            assert!(!is_local(strip_port(host)), "{host}");
        }
    }

    #[test]
    fn roles_are_ordered_and_reach_is_kept() {
        let caller = Caller {
            role: Role::Write,
            key: "k".to_owned(),
            reach: Some(vec!["a".parse().unwrap()]),
        };
        assert!(caller.allow(Role::Read).is_ok() && caller.allow(Role::Write).is_ok());
        assert_eq!(
            caller.allow(Role::Admin).unwrap_err().class(),
            ErrorClass::Forbidden
        );
        assert!(caller.sees("a") && !caller.sees("b"));
    }
}
