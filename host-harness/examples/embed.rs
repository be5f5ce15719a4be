//! A program of one's own that polls a connector into a store, and prints the payments:
//! `cargo run --example embed -- my.wasm my.json payments.db`.

use std::error::Error;
use std::sync::Arc;
use std::{env, fs, io};

use host_harness::{CompileCache, Described, Format, Limits, Sandbox, Store, Terms, What, export};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [component, config, store] = &arguments[..] else {
        return Err("expected a component, a config and a store".into());
    };

    // What it may use: memory, time, requests. Code that was compiled once is kept for the user.
    let sandbox = Sandbox::new(Limits::default(), &CompileCache::User)?;
    let connector = Described::load(&sandbox, &fs::read(component)?).await?;
    // The URLs of the config are where its requests may go; of the secrets it sees nothing.
    let install = connector.install(&fs::read_to_string(config)?, &Terms::default())?;

    let store = Arc::new(Store::open(store)?);
    let runner = install.runner(install.online()?, store.clone(), "mine");
    for stream in runner.poll(&()).await?.streams {
        let end = stream.error.map_or("done".to_owned(), |error| error.to_string());
        eprintln!("{}: {} records, {end}", stream.stream, stream.records);
    }
    export(&store, "mine", What::Payments, Format::Ndjson, &mut io::stdout())?;
    Ok(())
}
