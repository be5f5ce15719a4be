//! What registries and strangers may try, and the words that it is refused with.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../tests/all/support/registry.rs"]
mod fake;

use std::fs;

use bytes::Bytes;
use chrono::DateTime;
use model::level::Level;
use serde_json::{Map, Value, json};

use self::fake::{Answer, Fake};
use crate::artifact::{Config, Descriptor, EMPTY, EMPTY_TYPE, Interfaces, Manifest};
use crate::bundle::{BUNDLE_TYPE, Bundle};
use crate::credentials::Credentials;
use crate::digest::Digest;
use crate::evidence::{Artifact, Attached, Evidence, Refused, Signature, weigh};
use crate::keys::SigningKey;
use crate::keys::tests::{PRIVATE, STRANGER};
use crate::origin::{Derived, Lie, expect_true};
use crate::publish::{Publication, PublishError};
use crate::reference::Version;
use crate::registry::{BLOB, Registry, RegistryError};
use crate::statement::{Conformance, Predicate, Statement, Subject};
use crate::trust::Trusted;

const NAME: &str = "acme/lakeside";

fn manifest(version: &str) -> Map<String, Value> {
    let Value::Object(manifest) = json!({ "name": "lakeside", "version": version, "requests": [] }) else {
        unreachable!()
    };
    manifest
}

fn publication(component: &[u8]) -> Publication {
    let imports = vec!["wasi:http/types@0.2.4".to_owned()];
    Publication {
        component: Bytes::copy_from_slice(component),
        interfaces: Interfaces {
            exports: vec!["payments:connector/connector@0.2.0".to_owned()],
            imports,
            target: None,
        },
        manifest: manifest("1.0.0"),
        said: [("authors".to_owned(), "A. Stranger".to_owned()), ("licenses".to_owned(), "Apache-2.0".to_owned())]
            .into(),
        report: None,
        at: DateTime::UNIX_EPOCH,
    }
}

fn report(component: &[u8], level: &str) -> Conformance {
    let report = json!({
        "sha256": Digest::of(component), "contract": "0.2.0", "harness": "0.2.0", "date": "2026-06-01T09:20:00Z", "seed": 1,
        "provider": "lakeside", "level": "gold", "reached": level, "checks": [{"id": "P4", "verdict": "pass", "millis": 1}],
    });
    Conformance::of_report(&report.to_string(), &Digest::of(component)).unwrap()
}

fn key() -> SigningKey {
    SigningKey::parse(PRIVATE).unwrap()
}

fn trusted(level: Option<Level>) -> Trusted {
    Trusted { keys: vec![key().public().unwrap()], unsigned: false, level, unattended_upgrades: false }
}

/// Publishes a component under the tag 1.
async fn published(registry: &Registry, publication: &Publication) -> Subject {
    publication.publish(registry, "1", Some(&key())).await.unwrap()
}

async fn found(registry: &Registry, subject: &Subject) -> (Artifact, Attached) {
    let artifact = Artifact::find(registry, &Version::Digest(subject.artifact.clone())).await.unwrap();
    let attached = artifact.attached(registry).await.unwrap();
    (artifact, attached)
}

async fn weighed(registry: &Registry, subject: &Subject, trusted: &Trusted) -> Result<Evidence, Refused> {
    let (artifact, attached) = found(registry, subject).await;
    weigh(&artifact, &attached, trusted)
}

/// Attaches any bytes as a bundle, as anybody may.
async fn attach(registry: &Registry, subject: &Subject, bundle: &[u8]) {
    let config = registry.push_blob(EMPTY_TYPE, Bytes::from_static(EMPTY)).await.unwrap();
    let layer = registry.push_blob(BUNDLE_TYPE, Bytes::copy_from_slice(bundle)).await.unwrap();
    let pulled = registry.manifest(&Version::Digest(subject.artifact.clone())).await.unwrap();
    let manifest = Manifest {
        artifact_type: Some(BUNDLE_TYPE.to_owned()),
        subject: Some(Descriptor::of(crate::artifact::MANIFEST_TYPE, &pulled.bytes)),
        ..Manifest::of(config, layer)
    };
    registry.attach(&manifest, &subject.artifact).await.unwrap();
}

fn signed(key: &SigningKey, about: &Subject, predicate: Predicate, said: Map<String, Value>) -> Vec<u8> {
    let statement = serde_json::to_vec(&Statement::new(about, predicate, said)).unwrap();
    Bundle::sign(key, &statement).unwrap().to_bytes().unwrap()
}

#[tokio::test]
async fn what_is_published_is_found_with_its_signer_its_report_and_its_bytes() {
    for knows_referrers in [false, true] {
        let fake = Fake::start();
        let registry = fake.registry(NAME);
        let publication = Publication { report: Some(report(b"component", "gold")), ..publication(b"component") };
        if knows_referrers {
            let index = std::sync::Arc::new(std::sync::Mutex::new(Vec::<Value>::new()));
            fake.rule(move |asked| {
                let mut index = index.lock().unwrap();
                if asked.method == "PUT" && asked.path.contains("/manifests/sha256:") {
                    let manifest: Value = serde_json::from_slice(asked.body()).unwrap();
                    let is_attached = manifest["subject"].is_object();
                    let mut descriptor = serde_json::to_value(Descriptor::of("m", asked.body())).unwrap();
                    descriptor["artifactType"] = manifest["artifactType"].clone();
                    index.extend(is_attached.then_some(descriptor));
                    return None;
                }
                let list = json!({ "schemaVersion": 2, "manifests": *index }).to_string();
                asked.path.contains("/referrers/").then(|| Answer::new(200, list.as_bytes()))
            });
        }
        let subject = published(&registry, &publication).await;
        assert_eq!(subject.component, Digest::of(b"component"));
        let (artifact, attached) = found(&registry, &subject).await;
        let evidence = weigh(&artifact, &attached, &trusted(Some(Level::Gold))).unwrap();
        assert_eq!(evidence.signer, Some(key().public().unwrap().id()));
        assert_eq!(evidence.manifest, Some(manifest("1.0.0")));
        assert_eq!(evidence.report, Some(report(b"component", "gold")));
        assert_eq!(registry.blob(&artifact.component, BLOB).await.unwrap(), &b"component"[..]);
        assert_eq!(artifact.annotations["org.opencontainers.image.licenses"], "Apache-2.0");
        assert_eq!(artifact.annotations["org.opencontainers.image.version"], "1.0.0");
        assert_eq!(artifact.config.author.as_deref(), Some("A. Stranger"));
    }
}

#[tokio::test]
async fn what_was_pinned_stays_what_it_was_when_its_tag_moves() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let tag = Version::Tag("1".to_owned());
    let first = published(&registry, &publication(b"first")).await;
    assert_eq!(Artifact::find(&registry, &tag).await.unwrap().subject, first);
    let second = published(&registry, &publication(b"second")).await;
    assert_eq!(Artifact::find(&registry, &tag).await.unwrap().subject, second);
    assert_eq!(found(&registry, &first).await.0.subject.component, Digest::of(b"first"));
    // The registry gives the second for the digest of the first.
    fake.put_manifest(NAME, first.artifact.as_str(), &fake.manifest(NAME, second.artifact.as_str()));
    let told = Artifact::find(&registry, &Version::Digest(first.artifact)).await.unwrap_err().to_string();
    assert!(told.contains("has other bytes than its name says"), "{told}");
}

#[tokio::test]
async fn a_blob_that_was_altered_on_the_registrys_disk_is_refused() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let subject = published(&registry, &publication(b"component")).await;
    let artifact = found(&registry, &subject).await.0;
    fake.alter(&subject.component);
    let told = registry.blob(&artifact.component, BLOB).await.unwrap_err().to_string();
    assert!(told.contains(&format!("blob {} has other bytes than its name says", subject.component)), "{told}");
}

#[tokio::test]
async fn what_nobody_signed_is_refused_as_unsigned_unless_the_policy_takes_it() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let subject = publication(b"component").publish(&registry, "1", None).await.unwrap();
    let told = weighed(&registry, &subject, &trusted(None)).await.unwrap_err().to_string();
    assert!(told.starts_with("unsigned: nobody says of 127.0.0.1"), "{told}");
    let lax = Trusted { unsigned: true, ..trusted(None) };
    assert_eq!(weighed(&registry, &subject, &lax).await, Ok(Evidence { signer: None, manifest: None, report: None }));
    let reported = Publication { report: Some(report(b"component", "gold")), ..publication(b"component") };
    assert_eq!(reported.publish(&registry, "1", None).await, Err(PublishError::UnsignedReport));
}

#[tokio::test]
async fn what_a_stranger_signed_has_failed_also_where_the_policy_takes_what_nobody_signed() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let stranger = SigningKey::parse(STRANGER).unwrap();
    let subject = publication(b"component").publish(&registry, "1", Some(&stranger)).await.unwrap();
    for unsigned in [false, true] {
        let told = weighed(&registry, &subject, &Trusted { unsigned, ..trusted(None) }).await.unwrap_err().to_string();
        let id = stranger.public().unwrap().id();
        assert!(
            told.starts_with("failed:") && told.contains(&format!("signed by {id}, which the policy does not trust"))
        );
    }
}

#[tokio::test]
async fn what_is_signed_for_another_repository_says_nothing_here() {
    let fake = Fake::start();
    let subject = published(&fake.registry("acme/beta"), &publication(b"component")).await;
    fake.copy("acme/beta", NAME);
    let here = Subject { repository: fake.repository(NAME), ..subject };
    let told = weighed(&fake.registry(NAME), &here, &trusted(None)).await.unwrap_err().to_string();
    assert!(
        told.starts_with("failed:") && told.contains("/acme/beta, and says nothing of what is found in another"),
        "{told}"
    );
}

#[tokio::test]
async fn the_report_of_another_component_proves_nothing_of_this_one() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    // Where it is published, it is refused.
    let text = json!({ "sha256": Digest::of(b"other").hex(), "contract": "", "harness": "", "date": "2026-06-01T09:20:00Z",
        "seed": 1, "provider": "", "reached": "gold", "checks": [] });
    let told = Conformance::of_report(&text.to_string(), &Digest::of(b"component")).unwrap_err().to_string();
    assert!(told.starts_with("it is the report of another component"), "{told}");
    // An honest one of another artifact, attached to this one by whoever runs the registry.
    let other = published(&registry, &publication(b"other")).await;
    let subject = published(&registry, &publication(b"component")).await;
    let gold = report(b"other", "gold").to_predicate().unwrap();
    attach(&registry, &subject, &signed(&key(), &other, Predicate::Conformance, gold.clone())).await;
    let told = weighed(&registry, &subject, &trusted(Some(Level::Bronze))).await.unwrap_err().to_string();
    assert!(told.starts_with("no report:") && told.contains("it is about another artifact"), "{told}");
    // One that is signed about this artifact, of another component.
    attach(&registry, &subject, &signed(&key(), &subject, Predicate::Conformance, gold)).await;
    let told = weighed(&registry, &subject, &trusted(Some(Level::Bronze))).await.unwrap_err().to_string();
    assert!(told.contains("it is the report of another component"), "{told}");
    assert!(weighed(&registry, &subject, &trusted(None)).await.is_ok_and(|evidence| evidence.report.is_none()));
}

#[tokio::test]
async fn a_report_of_a_lower_level_than_the_policy_demands_is_refused_and_none_at_all_in_other_words() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let silver = Publication { report: Some(report(b"component", "silver")), ..publication(b"component") };
    let subject = published(&registry, &silver).await;
    let told = weighed(&registry, &subject, &trusted(Some(Level::Gold))).await.unwrap_err().to_string();
    assert!(told.contains("the policy demands the level gold") && told.contains("is of the level silver"), "{told}");
    assert!(weighed(&registry, &subject, &trusted(Some(Level::Silver))).await.is_ok());
    let bare = published(&registry, &publication(b"bare")).await;
    let refused = weighed(&registry, &bare, &trusted(Some(Level::Bronze))).await;
    assert!(matches!(refused, Err(Refused::NoReport { .. })), "{refused:?}");
    // A stranger's gold beside it changes nothing.
    let gold = report(b"component", "gold").to_predicate().unwrap();
    let stranger = SigningKey::parse(STRANGER).unwrap();
    attach(&registry, &subject, &signed(&stranger, &subject, Predicate::Conformance, gold)).await;
    assert!(weighed(&registry, &subject, &trusted(Some(Level::Gold))).await.is_err());
}

#[tokio::test]
async fn a_manifest_that_lies_is_refused_whoever_signed_it() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let subject = published(&registry, &publication(b"component")).await;
    let (artifact, attached) = found(&registry, &subject).await;
    let evidence = weigh(&artifact, &attached, &trusted(None)).unwrap();
    let imports = ["wasi:http/types@0.2.4".to_owned()];
    let honest = manifest("1.0.0");
    assert_eq!(expect_true(&artifact, &evidence, Derived { manifest: &honest, imports: &imports }), Ok(()));
    let mut asks_more = honest.clone();
    asks_more.insert("requests".to_owned(), json!([{ "method": "POST" }]));
    let told = expect_true(&artifact, &evidence, Derived { manifest: &asks_more, imports: &imports }).unwrap_err();
    let told = told.to_string();
    assert!(
        told.starts_with("who signed it says of `requests` what the component does not: it says [], the component ["),
        "{told}"
    );
    let unsigned = Evidence { signer: None, manifest: None, report: None };
    let told =
        expect_true(&artifact, &unsigned, Derived { manifest: &asks_more, imports: &imports }).unwrap_err().to_string();
    assert!(told.starts_with("the artifact's config says of `requests`"), "{told}");
    let more = ["wasi:http/types@0.2.4".to_owned(), "wasi:sockets/tcp@0.2.4".to_owned()];
    let lie = expect_true(&artifact, &evidence, Derived { manifest: &honest, imports: &more });
    assert_eq!(lie, Err(Lie::Import { import: more[1].clone() }));
    let config = Config { layer_digests: vec![Digest::of(b"other")], ..artifact.config.clone() };
    let lie =
        expect_true(&Artifact { config, ..artifact }, &evidence, Derived { manifest: &honest, imports: &imports });
    assert!(matches!(lie, Err(Lie::Component(_))));
}

#[tokio::test]
async fn junk_among_what_is_attached_does_no_harm_and_a_list_that_is_none_is_told() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let subject = published(&registry, &publication(b"component")).await;
    let tag = format!("sha256-{}", subject.artifact.hex());
    let mut index: Value = serde_json::from_slice(&fake.manifest(NAME, &tag)).unwrap();
    let real = index["manifests"][0].clone();
    let nowhere = Descriptor { artifact_type: Some(BUNDLE_TYPE.to_owned()), ..Descriptor::of("m", b"nowhere") };
    let junk = json!([7, null, {}, {"digest": "sha256:../../x", "mediaType": "m", "size": 1}, {"digest": nowhere.digest,
        "mediaType": "m", "size": u64::MAX, "artifactType": "other"}, nowhere]);
    index["manifests"] = Value::Array(junk.as_array().unwrap().iter().cloned().chain([real]).collect());
    fake.put_manifest(NAME, &tag, index.to_string().as_bytes());
    attach(&registry, &subject, b"{\"mediaType\": ").await;
    attach(&registry, &subject, &vec![b'x'; 1 << 20]).await;
    assert!(weighed(&registry, &subject, &trusted(None)).await.is_ok());
    let (artifact, attached) = found(&registry, &subject).await;
    assert_eq!(attached.bundles.iter().filter(|bundle| bundle.is_err()).count(), 3);
    // Where nothing else is there, it is said.
    index["manifests"] = json!([nowhere]);
    fake.put_manifest(NAME, &tag, index.to_string().as_bytes());
    let attached = artifact.attached(&registry).await.unwrap();
    let Signature::Failed(reasons) = attached.signature(&trusted(None), &subject) else { panic!("it was believed") };
    assert!(reasons[0].contains(&format!("has no manifest {}", nowhere.digest)), "{reasons:?}");
    for list in ["", "[]", "{\"schemaVersion\": 2}", "<html>"] {
        fake.put_manifest(NAME, &tag, list.as_bytes());
        let told = artifact.attached(&registry).await.err().unwrap().to_string();
        assert!(told.starts_with("the list of what is attached to sha256:"), "{told}");
    }
}

#[tokio::test]
async fn manifests_and_layers_larger_than_their_limits_are_refused_before_they_are_read_to_the_end() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let subject = published(&registry, &publication(b"component")).await;
    let artifact = found(&registry, &subject).await.0;
    let huge = Descriptor { size: u64::MAX, ..artifact.component.clone() };
    let told = registry.blob(&huge, 1 << 20).await.unwrap_err().to_string();
    assert!(told.contains("is larger than 1048576 bytes, which is the most that is taken"), "{told}");
    fake.rule(|asked| asked.path.contains("/blobs/").then(|| Answer::new(200, &vec![0; 2 << 20])));
    let told = registry.blob(&artifact.component, 1 << 20).await.unwrap_err().to_string();
    assert!(told.contains("is larger than 9 bytes"), "no more than the descriptor says: {told}");
    fake.rule(|asked| asked.path.contains("/manifests/").then(|| Answer::new(200, &vec![b' '; (4 << 20) + 1])));
    let told = Artifact::find(&registry, &Version::Tag("1".to_owned())).await.unwrap_err().to_string();
    assert!(told.contains("is larger than 4194304 bytes"), "{told}");
}

#[tokio::test]
async fn a_download_that_was_cut_short_is_refused() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let subject = published(&registry, &publication(b"component")).await;
    let component = found(&registry, &subject).await.0.component;
    fake.rule(|asked| {
        let cut = Answer { cut: Some(4), ..Answer::new(200, b"component") };
        (asked.method == "GET" && asked.path.contains("/blobs/")).then_some(cut)
    });
    let told = registry.blob(&component, BLOB).await.unwrap_err().to_string();
    assert!(told.contains("gives no answer: the connection broke"), "{told}");
    fake.rule(|asked| asked.path.contains("/blobs/").then(|| Answer::new(200, b"comp")));
    let told = registry.blob(&component, BLOB).await.unwrap_err().to_string();
    assert!(told.contains("was cut short: 4 bytes came of 9"), "{told}");
}

#[tokio::test]
async fn a_redirect_to_another_host_is_followed_for_blobs_alone_and_to_the_public_internet_alone() {
    let (fake, other) = (Fake::start(), Fake::start());
    let registry = fake.registry(NAME);
    let subject = published(&registry, &publication(b"component")).await;
    let component = found(&registry, &subject).await.0.component;
    let places = [
        format!("http://{}/stolen?key=secret", other.host),
        "https://127.0.0.1/metadata?key=secret".to_owned(),
        "https://10.0.0.1/x?key=secret".to_owned(),
        "http://registry.example/x?key=secret".to_owned(),
        "ftp://registry.example/x?key=secret".to_owned(),
    ];
    for place in places {
        let to = place.clone();
        fake.rule(move |asked| {
            (!asked.path.contains("uploads")).then(|| Answer::new(307, b"").header("location", &to))
        });
        let told = registry.blob(&component, BLOB).await.unwrap_err().to_string();
        assert!(
            told.contains("sends on to") && told.contains("it is not https, or no address of the public"),
            "{told}"
        );
        assert!(!told.contains("secret"), "{told}");
        let told = registry.manifest(&Version::Tag("1".to_owned())).await.unwrap_err().to_string();
        assert!(told.contains("only a blob may be elsewhere"), "{told}");
    }
    let to = format!("http://{}/upload", other.host);
    fake.rule(move |asked| (asked.method == "POST").then(|| Answer::new(202, b"").header("location", &to)));
    let told = registry.push_blob("x", Bytes::from_static(b"another")).await.unwrap_err().to_string();
    assert!(told.contains("what is published goes to the registry alone"), "{told}");
    assert_eq!(other.asked().len(), 0);
}

/// A registry that wants a token, from a realm; and where docker keeps a credential for these hosts.
fn wants_token(fake: &Fake, realm: String, known: &[&str]) -> (tempfile::TempDir, Registry) {
    fake.rule(move |asked| {
        let wants = asked.path.starts_with("/v2/") && asked.authorization.as_deref() != Some("Bearer t0ken");
        let challenge = format!("Bearer realm=\"{realm}\",service=\"s\"");
        wants.then(|| Answer::new(401, b"").header("www-authenticate", &challenge))
    });
    let folder = tempfile::tempdir().unwrap();
    let auths: Map<String, Value> =
        known.iter().map(|host| ((*host).to_owned(), json!({ "auth": "YWNtZTpodW50ZXIy" }))).collect();
    fs::write(folder.path().join("config.json"), json!({ "auths": auths }).to_string()).unwrap();
    let registry = Registry::open(&fake.repository(NAME), Credentials::in_folder(folder.path())).unwrap();
    (folder, registry)
}

#[tokio::test]
async fn a_credential_goes_to_the_registry_that_it_is_kept_for() {
    let fake = Fake::start();
    let (_folder, registry) = wants_token(&fake, format!("http://{}/token", fake.host), &[&fake.host]);
    fake.rule(|asked| {
        let is_well = asked.authorization.as_deref() == Some("Basic YWNtZTpodW50ZXIy");
        asked
            .path
            .starts_with("/token")
            .then(|| if is_well { Answer::new(200, b"{\"token\": \"t0ken\"}") } else { Answer::new(401, b"") })
    });
    let subject = published(&registry, &publication(b"component")).await;
    assert!(weighed(&registry, &subject, &trusted(None)).await.is_ok());
    let asked = fake.asked();
    let tokens: Vec<&str> =
        asked.iter().map(|one| one.path.as_str()).filter(|path| path.starts_with("/token")).collect();
    assert_eq!(tokens[0], "/token?service=s&scope=repository%3Aacme%2Flakeside%3Apull%2Cpush");
    assert_eq!(tokens.len(), 1, "who may write may read");
    let (_folder, registry) = wants_token(&fake, format!("http://{}/token", fake.host), &[]);
    let told = registry.manifest(&Version::Tag("1".to_owned())).await.unwrap_err().to_string();
    assert!(told.contains("docker keeps no credential for it"), "{told}");
}

#[tokio::test]
async fn a_credential_that_another_host_asks_for_is_not_sent_there() {
    let (fake, other) = (Fake::start(), Fake::start());
    let tag = Version::Tag("1".to_owned());
    // Not by https: nothing at all is sent there, also where docker keeps something for both.
    let (_folder, registry) = wants_token(&fake, format!("http://{}/token", other.host), &[&fake.host, &other.host]);
    let told = registry.manifest(&tag).await.unwrap_err().to_string();
    assert!(
        told.contains(&format!("wants a token to be got at http://{}/token, which is another host", other.host)),
        "{told}"
    );
    // By https, at this machine: it is not gone to.
    let (_folder, registry) = wants_token(&fake, format!("https://{}/token?a=b", other.host), &[&fake.host]);
    let told = registry.manifest(&tag).await.unwrap_err().to_string();
    assert!(told.contains("/token, where the registry") && told.contains("no public address"), "{told}");
    assert_eq!(other.asked().len(), 0);
    assert!(fake.asked().iter().all(|asked| asked.authorization.is_none()), "and the registry was shown nothing");
}

#[tokio::test]
async fn what_a_registry_answers_at_random_is_told_and_stops_nothing_else() {
    let fake = Fake::start();
    let registry = fake.registry(NAME);
    let tag = Version::Tag("1".to_owned());
    assert!(matches!(registry.manifest(&tag).await, Err(RegistryError::NotFound { .. })));
    for (status, body, told) in [
        (500, "out of\u{1b}[31m order", "answered 500 Internal Server Error"),
        (200, "{}", "the manifest is none: missing field"),
        (200, "<html>", "the manifest is none: expected value"),
        (302, "", "answered 302 Found"),
    ] {
        fake.rule(move |asked| asked.path.contains("/manifests/").then(|| Answer::new(status, body.as_bytes())));
        let error = Artifact::find(&registry, &tag).await.unwrap_err().to_string();
        assert!(error.contains(told) && !error.contains('\u{1b}'), "{error}");
    }
    let image = json!({ "schemaVersion": 2, "config": Descriptor::of("application/vnd.oci.image.config.v1+json", b"{}"), "layers": [] });
    let image = image.to_string();
    fake.rule(move |asked| asked.path.contains("/manifests/").then(|| Answer::new(200, image.as_bytes())));
    let error = Artifact::find(&registry, &tag).await.unwrap_err().to_string();
    assert!(error.contains("a component has a config of the type application/vnd.wasm.config.v0+json"), "{error}");
}
