//! What every page with work on it says first while maintenance lasts or is announced.

use maud::{Markup, html};

use super::view::View;
use crate::router::Node;
use crate::wire::{Announcement, AnnouncementState};

/// One notice for each announcement that is not over.
pub(super) async fn notices(node: &Node, view: View) -> Markup {
    // A page is worth more than its notices.
    let all = node.backend.announcements().await.unwrap_or_default();
    let open = all
        .iter()
        .filter(|one| one.state != AnnouncementState::Over);
    html! { @for one in open { (notice(view, one)) } }
}

fn notice(view: View, one: &Announcement) -> Markup {
    let says = match one.state {
        AnnouncementState::Lasting => view.say(
            "维护中：暂不开票，已受理的请求在维护结束后自动开出。",
            "Maintenance: nothing is issued now; what is kept goes out by itself afterwards.",
        ),
        AnnouncementState::Announced | AnnouncementState::Over => view.say(
            "维护预告：届时暂不开票。",
            "Announced maintenance: nothing is issued then.",
        ),
    };
    html! {
        p class="notice" role="status" {
            (says) " " (view.say(&one.zh, &one.en)) " · "
            time { (one.from) } " – " time { (one.until) }
            " · " a href="/v1/announcements" { (view.say("公告", "announcement")) " " (one.id) }
        }
    }
}
