//! Pages for people: status, explorer, failure codes.
//!
//! Guards: only public facts, but for a merchant's own invoices and requests; works without scripts, prints, and
//! needs nothing from elsewhere. One page computes in the browser and so needs a script, `/verify`.
//! Chinese is the default, English is complete.

mod announced;
mod assets;
mod block;
mod changed;
mod errors;
mod explorer;
mod invoice;
mod layout;
mod own_invoice;
mod refusal;
mod requests;
mod status;
mod transaction;
mod verify;
mod view;

use axum::Router;
use axum::routing::get;

use crate::router::Node;

pub(crate) use refusal::refusal_page;
pub use verify::verifier_file;

/// The pages.
pub(crate) fn routes() -> Router<Node> {
    Router::new()
        .route("/", get(status::show))
        .route("/explorer", get(explorer::show))
        .route("/explorer/{height}", get(block::show))
        .route("/explorer/tx/{txid}", get(transaction::show))
        .route("/i/{number}", get(invoice::show))
        .route("/errors", get(errors::list))
        .route("/errors/{code}", get(errors::show))
        .route("/verify", get(verify::show))
        .route("/verify.html", get(verify::file))
        .route("/invoices/{number}", get(own_invoice::show))
        .route("/requests", get(requests::list))
        .route("/requests/{id}", get(requests::show))
        .route("/style.css", get(assets::style))
        .route("/icon.svg", get(assets::icon))
}
