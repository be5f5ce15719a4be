//! Scratch.
use host_harness::conformance::{Level, Suite};
use host_harness::install::QONTO;
use host_harness::sim::qonto::QontoBank;
struct O;
impl host_harness::conformance::Observer for O {
    fn checked(&self, c: &host_harness::conformance::Checked) {
        println!("{:4} {:22} {:12} {:>6} ms  {}", c.id, c.title, c.verdict.to_string(), c.millis, c.reason);
        if let Some(e) = &c.evidence {
            println!("     {}\n     {:?}", e.setting, e.differences);
        }
    }
}
#[tokio::main]
async fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let wasm = std::env::var("WASM").map(|f| std::fs::read(f).unwrap()).unwrap_or(QONTO.to_vec());
    let mut suite = Suite::new(wasm, || Box::new(QontoBank::default())).level(Level::Gold);
    if !only.is_empty() {
        suite = suite.only(only);
    }
    let r = suite.run(&O).await.unwrap();
    println!("{} {:?} {} ms", r.component, r.reached, r.millis);
}
