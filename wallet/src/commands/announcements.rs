//! `piao announcements`: maintenance that the authority announced.

use piao_api::wire::AnnouncementState;

use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;
use crate::output::{Line, Tone};

/// Runs the command.
pub(crate) fn run(context: &Context) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let all = node.wait(node.client.announcements())?;
    let output = &context.output;
    if output.json {
        output.json(&all)?;
        return Ok(Exit::Ok);
    }
    if all.data.is_empty() {
        output.data(&Line::new().add(Tone::Faint, output.pick("none", "没有公告")))?;
    }
    for one in &all.data {
        let (tone, state) = match one.state {
            AnnouncementState::Lasting => (Tone::Careful, output.pick("lasts", "维护中")),
            AnnouncementState::Announced => (Tone::Plain, output.pick("announced", "未开始")),
            AnnouncementState::Over => (Tone::Faint, output.pick("over", "已结束")),
        };
        let reason = output.pick(&one.en, &one.zh);
        let until = one.ended_at.as_deref().unwrap_or(&one.until);
        output.data(
            &Line::new()
                .column(Tone::Plain, &one.id.to_string(), 6)
                .column(tone, state, 12)
                .add(Tone::Plain, &format!("{} – {until}  {reason}", one.from)),
        )?;
    }
    Ok(Exit::Ok)
}
