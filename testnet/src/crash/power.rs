//! Power cuts under load. After each the machine is another boot: what the kernel had not written
//! is gone, and the node must not take it for there.

use std::ffi::OsString;
use std::path::Path;

use super::check::Depth;
use super::disk::{LoopDisk, is_root};
use super::node::Launch;
use super::points::SEGMENT_BYTES;
use super::world::{Setting, World, a_moment};
use super::{CrashError, other};

/// Answers after which the power goes, at most.
const ANSWERS_MAX: u64 = 60;

/// Calls of one round at most.
const CALLS_MAX: u64 = 5_000;

/// Bytes of a segment, small, so that cuts fall into its rolling too.
const SEGMENT_SIZE: u64 = 64 * 1024;

/// Starts the node where the kernel names a boot of our choice.
const NEW_BOOT: &str = "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec \"$@\"";

/// How the power is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cuts {
    pub(crate) cuts: usize,
    pub(crate) clients: usize,
    /// Run the node so that its syncs do nothing: it must lose what it promised.
    pub(crate) eatmydata: bool,
}

/// So many cuts.
pub(crate) async fn run(setting: &Setting, cuts: Cuts) -> Result<World, CrashError> {
    if !is_root() {
        return Err(other(
            "power cuts need root (loop device, mount); nothing was tested",
        ));
    }
    let folder = tempfile::Builder::new()
        .prefix("piao-power-")
        .tempdir_in(&setting.dir)?;
    let disk = LoopDisk::new(folder.path()).await?;
    disk.prove().await?;
    let boot = folder.path().join("boot");
    let launch = Launch {
        program: setting.program.clone(),
        wrapper: wrapper(&boot, cuts.eatmydata),
        data: disk.path().join("data"),
        log: folder.path().join("piaod.log"),
        seed: setting.seed,
        environment: vec![(SEGMENT_BYTES, SEGMENT_SIZE.to_string())],
    };
    std::fs::write(&boot, "boot-0\n")?;
    let mut world = World::on(launch, setting.seed).await?;
    disk.sync().await?;
    for cut in 1..=cuts.cuts {
        let Some((node, client)) = world.start().await? else {
            break;
        };
        world.check(&client, Depth::New).await?;
        if world.is_broken() {
            break;
        }
        let load = world.load(&client, cuts.clients, CALLS_MAX);
        let answers = world.dice.below(ANSWERS_MAX);
        load.wait_for(answers).await?;
        a_moment(&mut world.dice).await;
        // From here on nothing is durable; whatever is answered now is a lie that shows.
        disk.cut().await?;
        node.kill().await?;
        load.end().await?;
        disk.power_on().await?;
        std::fs::write(&boot, format!("boot-{cut}\n"))?;
        world.figures.crashes += 1;
    }
    if !world.is_broken() {
        world.last_look().await?;
    }
    if world.is_broken() && !cuts.eatmydata {
        world.check_log();
        let note = format!("log: {}", folder.keep().join("piaod.log").display());
        super::load::lock(&world.promises).breach(note);
    }
    Ok(world)
}

fn wrapper(boot: &Path, eatmydata: bool) -> Vec<OsString> {
    let mut wrapper: Vec<OsString> = ["unshare", "--mount", "sh", "-c", NEW_BOOT]
        .map(OsString::from)
        .into();
    wrapper.push(boot.as_os_str().to_owned());
    if eatmydata {
        wrapper.push("eatmydata".into());
    }
    wrapper
}
