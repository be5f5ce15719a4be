//! Every row of the provider reaches the store, whatever the page size and however the rows lie in time.

mod support;

use support::{Rig, at, world};

use chrono::TimeDelta;

#[tokio::test]
async fn a_first_poll_brings_every_row_and_a_second_changes_nothing() {
    let (mut world, accounts) = world(2);
    world.fill(&accounts[0], 260, at(0), TimeDelta::minutes(1));
    world.fill(&accounts[1], 3, at(0), TimeDelta::minutes(1));
    let rig = Rig::new(world, 25).await;
    rig.poll_well().await;
    rig.assert_complete();
    let (export, states) = (rig.export(), rig.states());
    let summary = rig.poll_well().await;
    assert_eq!(rig.export(), export);
    assert_eq!(rig.states(), states);
    assert!(summary.streams.iter().all(|stream| stream.changed == 0), "{summary:?}");
}
