//! E1: whether it asks for anything but what was granted.

use serde_json::{Value, json};

use super::stock;
use crate::check::{Finding, Outcome};
use crate::rig::Rig;
use crate::subject::Subject;
use crate::walk::{streams, walk};
use outside::egress::Origin;
use outside::transport::Response;
use sandbox::Report;
use sim::{Fault, On, Quirk};

/// Nobody's: a name that never resolves (RFC 2606).
const FOREIGN: &str = "https://collector.example/page?cursor=2";
/// The ways to send somebody elsewhere.
const REDIRECTS: [u16; 6] = [302, 301, 303, 307, 308, 300];
/// Keys under which providers put the address of the next page.
const LINKS: [&str; 6] = ["next", "next_url", "next_page_url", "nextPage", "href", "url"];

pub(super) async fn declared_hosts(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, |bank| stock(bank, 2, 12, 6))?;
    let mut watch = Watch::default();
    "an ordinary poll".clone_into(&mut rig.setting);
    walked(&mut rig, &mut watch).await?;

    let mut linked = Rig::new(&subject, |bank| {
        stock(bank, 2, 12, 6);
        bank.set_quirk(Quirk::ForeignLinks);
    })?;
    "answers that are correct, with links to a foreign host in headers and bodies".clone_into(&mut linked.setting);
    linked.sim.inject(On::any(), Fault::change(with_links));
    walked(&mut linked, &mut watch).await?;

    let Some(origin) = rig.install.policy.origins().next().cloned() else {
        return Err(Finding::Inconclusive("the config names no origin, so nothing can be asked for: see A3".into()));
    };
    for (place, target) in targets(&origin).into_iter().enumerate() {
        let status = REDIRECTS[place % REDIRECTS.len()];
        let fault = Fault::status(status).header("location", &target).header("refresh", &format!("0; url={target}"));
        disturbed(&mut rig, &mut watch, &format!("everything is redirected to {target} with status {status}"), fault)
            .await?;
    }
    for (name, fault) in lures() {
        disturbed(&mut rig, &mut watch, name, fault).await?;
    }
    if watch.requests == 0 {
        return Err(Finding::Inconclusive("no call made a request, so nothing was put to the test".into()));
    }
    Ok(format!("{} requests of {} calls, all to {origin}", watch.requests, watch.calls))
}

/// What was seen.
#[derive(Default)]
struct Watch {
    calls: u32,
    requests: usize,
}

impl Watch {
    /// Looks at what a call asked for.
    fn look(&mut self, rig: &Rig, who: &str, report: &Report) -> Result<(), Finding> {
        self.calls += 1;
        if let Some(refusal) = report.refused.refusals.first() {
            let what = format!("{who} tried what was not granted, and the host refused it: {refusal}");
            let all = report.refused.refusals.iter().map(ToString::to_string).collect();
            return Err(rig.failure(what, all));
        }
        for request in rig.tape.requests() {
            self.requests += 1;
            let named = Origin::of(&request.url).is_some_and(|asked| rig.install.policy.origins().any(|o| *o == asked));
            if !named {
                let what = format!("the host let a request of {who} through to {}", request.url);
                return Err(rig.failure(what, Vec::new()));
            }
        }
        rig.tape.clear();
        Ok(())
    }
}

/// A whole poll and a connection check; how they end is for other checks.
async fn walked(rig: &mut Rig, watch: &mut Watch) -> Result<(), Finding> {
    let steps = walk(rig).await;
    for step in &steps {
        watch.look(rig, &step.stream, &step.report)?;
    }
    let checked = rig.check().await;
    watch.look(rig, "the connection check", &checked.report)
}

/// Each stream's next call, and the connection check.
async fn disturbed(rig: &mut Rig, watch: &mut Watch, setting: &str, fault: Fault) -> Result<(), Finding> {
    setting.clone_into(&mut rig.setting);
    rig.sim.inject(On::any(), fault);
    for (task, parent) in streams(rig) {
        let called = rig.call(&task, parent.as_ref()).await;
        watch.look(rig, &rig.key(&task, parent.as_ref()).to_string(), &called.report)?;
    }
    let checked = rig.check().await;
    rig.sim.calm();
    watch.look(rig, "the connection check", &checked.report)
}

/// Places outside of `origin`, some of which look as if they were inside.
fn targets(origin: &Origin) -> Vec<String> {
    let (scheme, host) = (origin.scheme(), origin.host());
    let other_scheme = if scheme == "https" { "http" } else { "https" };
    vec![
        FOREIGN.to_owned(),
        format!("{scheme}://{host}:8443/next"),
        format!("{other_scheme}://{host}/next"),
        format!("{scheme}://{host}.collector.example/next"),
        format!("{scheme}://{host}@collector.example/next"),
        format!("{scheme}://user:word@{host}/next"),
        "//collector.example/next".to_owned(),
        "\\\\collector.example\\next".to_owned(),
        "https://198.51.100.7/next".to_owned(),
        "https://[2001:db8::7]/next".to_owned(),
        "file:///etc/passwd".to_owned(),
    ]
}

/// Refusals and pages that lead elsewhere.
fn lures() -> Vec<(&'static str, Fault)> {
    let html = format!(
        "<html><head><meta http-equiv=refresh content='0; url={FOREIGN}'><base href='{FOREIGN}'></head>\
         <body><a href='{FOREIGN}'>next</a><form action='{FOREIGN}' method=post></form></body></html>"
    );
    let body = json!({ "errors": [{ "code": "moved", "detail": FOREIGN }], "login_url": FOREIGN, "next": FOREIGN });
    let page = |status| Fault::status(status).header("content-type", "text/html").body(html.clone());
    let refusal = |status| {
        let fault = Fault::status(status).header("content-type", "application/json").body(body.to_string());
        fault.header("location", FOREIGN).header("www-authenticate", &format!("Bearer authorization_uri=\"{FOREIGN}\""))
    };
    vec![
        ("a page of HTML with links to a foreign host", page(200)),
        ("status 401, and HTML with links to a foreign host", page(401)),
        ("status 401, and where to log in", refusal(401)),
        ("status 410, and where it has moved", refusal(410)),
        ("status 429, and another host to ask", refusal(429)),
        ("status 503, and another host to ask", refusal(503)),
        ("status 201, and where it was created", refusal(201)),
    ]
}

/// Adds links to a foreign host to a correct answer.
fn with_links(response: &mut Response) {
    let link = format!("<{FOREIGN}>; rel=\"next\"");
    for (name, value) in
        [("link", link.as_str()), ("content-location", FOREIGN), ("location", FOREIGN), ("x-next-page", FOREIGN)]
    {
        if let Ok(value) = value.parse() {
            response.headers.insert(name, value);
        }
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(&response.body) else { return };
    divert(&mut value, 2);
    response.body = value.to_string().into();
}

/// Turns the URLs in a JSON value to the foreign host, and adds some to the objects down to a depth.
fn divert(value: &mut Value, depth: u32) {
    match value {
        Value::String(text) if text.starts_with("http") => FOREIGN.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| divert(item, 0)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| divert(value, depth.saturating_sub(1)));
            if depth > 0 {
                for name in LINKS {
                    fields.entry(name).or_insert_with(|| FOREIGN.into());
                }
                fields.entry("links").or_insert_with(|| json!({ "next": FOREIGN, "self": FOREIGN }));
                fields.entry("_links").or_insert_with(|| json!({ "next": { "href": FOREIGN } }));
            }
        }
        _ => {}
    }
}
