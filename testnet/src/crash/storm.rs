//! A thousand calls from fifty clients, a tenth of them duplicates, and a kill in the middle.

use super::CrashError;
use super::check::Depth;
use super::world::{Setting, World};

/// So many rounds of so many calls.
pub(crate) async fn run(
    setting: &Setting,
    rounds: usize,
    clients: usize,
    calls: u64,
) -> Result<World, CrashError> {
    let mut world = World::new(setting).await?;
    for _round in 0..rounds {
        let Some((node, client)) = world.start().await? else {
            return Ok(world);
        };
        world.check(&client, Depth::New).await?;
        if world.is_broken() {
            return Ok(world);
        }
        let load = world.load(&client, clients, calls);
        // Somewhere in the middle: neither before the first answer nor after the last.
        let answers = calls / 10 + world.dice.below(calls * 7 / 10);
        load.wait_for(answers).await?;
        world.kill(node, &client).await?;
        load.end().await?;
    }
    world.last_look().await?;
    Ok(world)
}
