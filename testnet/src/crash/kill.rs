//! `kill -9` at any moment of a load, restart, look; again and again.

use piao_api::client::Client;

use super::CrashError;
use super::check::Depth;
use super::node::Node;
use super::points::SEGMENT_BYTES;
use super::world::{Setting, World, a_moment};

/// Calls of one round at most: a node that can't be killed must not fill the disk.
const CALLS_MAX: u64 = 5_000;

/// Bytes of a segment, small, so that kills fall into its rolling too.
const SEGMENT_SIZE: u64 = 64 * 1024;

/// So many rounds, each ended after at most so many answers.
pub(crate) async fn run(
    setting: &Setting,
    rounds: usize,
    clients: usize,
    answers_max: u64,
) -> Result<World, CrashError> {
    let mut world = World::new(setting).await?;
    let small = (SEGMENT_BYTES, SEGMENT_SIZE.to_string());
    world.launch.environment.push(small);
    for _round in 0..rounds {
        let Some((node, client)) = world.start().await? else {
            return Ok(world);
        };
        world.check(&client, Depth::New).await?;
        if world.is_broken() {
            return Ok(world);
        }
        let load = world.load(&client, clients, CALLS_MAX);
        let answers = world.dice.below(answers_max);
        load.wait_for(answers).await?;
        world.kill(node, &client).await?;
        load.end().await?;
    }
    world.last_look().await?;
    Ok(world)
}

impl World {
    /// Kills the node at some moment from now on; now and then in the middle of a top-up.
    pub(crate) async fn kill(&mut self, node: Node, client: &Client) -> Result<(), CrashError> {
        let with_top_up = self.dice.below(4) == 0;
        let mut dice = self.dice.clone();
        let kill = async {
            a_moment(&mut dice).await;
            node.kill().await
        };
        let (killed, topped_up) = tokio::join!(kill, async {
            if with_top_up {
                self.top_up(client).await
            } else {
                Ok(())
            }
        });
        self.dice.next();
        self.figures.crashes += 1;
        killed.and(topped_up)
    }

    /// The end of a run: everything is looked at once more, and the node stops in order.
    pub(crate) async fn last_look(&mut self) -> Result<(), CrashError> {
        let Some((node, client)) = self.start().await? else {
            return Ok(());
        };
        self.check(&client, Depth::All).await?;
        let status = node.terminate().await?;
        if !status.success() {
            let line = format!("told to stop, the node ended with {status}");
            super::load::lock(&self.promises).breach(line);
        }
        Ok(())
    }
}
