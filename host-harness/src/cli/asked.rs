//! What an operator reads before agreeing: what a component asks, what of it is new, and whose an install is so far.

use model::grant::request_line;
use model::shown::one_line;
use outside::authority::{Grant, Wider};
use store::Granted;

/// Whose an install is so far.
pub fn history(kept: Option<&Granted>, name: &str) -> String {
    match kept {
        None => format!("nobody has agreed yet that this component runs as the install `{name}`"),
        Some(Granted::Bundled) => format!("the install `{name}` was the program's own connector so far"),
        Some(Granted::Grant(grant)) => {
            format!("the install `{name}` was granted to the connector `{}`", one_line(&grant.connector))
        }
        Some(Granted::Revoked(None)) => {
            format!("the install `{name}` was the program's own, until that was taken back")
        }
        Some(Granted::Revoked(Some(grant))) => {
            let connector = one_line(&grant.connector);
            format!("what the install `{name}` was granted for the connector `{connector}` was taken back")
        }
        Some(Granted::Replayed(grant)) => {
            format!("the install `{name}` holds a recording of the connector `{}`", one_line(&grant.connector))
        }
    }
}

/// What goes beyond a grant, a line each.
pub fn wider_lines(wider: &[Wider]) -> Vec<String> {
    wider.iter().map(|wider| format!("+ {}", one_line(&wider.to_string()))).collect()
}

/// What a component asks, a line each.
pub fn ask_lines(asked: &Grant) -> Vec<String> {
    let mut lines = vec![format!("connector {}", asked.connector)];
    lines.extend(asked.digests.iter().cloned());
    lines.extend(asked.endpoints.iter().map(|(field, url)| format!("requests go to {url} (`{field}`)")));
    lines.extend(asked.asks.credentials.iter().map(|(name, credential)| format!("credential {name}: {credential}")));
    let (reads, others): (Vec<&String>, Vec<&String>) =
        asked.asks.requests.iter().partition(|request| request.starts_with("GET ") || request.starts_with("HEAD "));
    lines.extend(reads.into_iter().map(|request| format!("request {}", request_line(request))));
    let others = others.into_iter().map(|request| request_line(request));
    lines.extend(others.map(|request| format!("request that may do more than read: {request}")));
    lines.extend(asked.asks.headers.iter().map(|header| format!("header {header}")));
    let secrets = asked.asks.fields.iter().filter(|(_, kind)| *kind == "secret");
    lines.extend(secrets.map(|(field, _)| format!("`{field}` is a secret, and stays with the host")));
    lines.extend(asked.public.iter().map(|field| format!("`{field}` is given to the component as it is")));
    lines.push(format!("imports {}", asked.asks.imports.iter().cloned().collect::<Vec<_>>().join(", ")));
    lines.iter().map(|line| one_line(line)).collect()
}
