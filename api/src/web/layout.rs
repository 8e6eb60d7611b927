//! The frame every page has, and the small pieces pages share.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use super::view::View;
use crate::language::Language;

/// A page of this node.
pub(crate) fn page(view: View, title: &str, main: &Markup) -> Html<String> {
    let other = match view.language {
        Language::Zh => (Language::En, "English"),
        Language::En => (Language::Zh, "中文"),
    };
    let markup = html! {
        (DOCTYPE)
        html lang=(view.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Piao" }
                link rel="stylesheet" href="/style.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
            }
            body {
                a class="skip" href="#main" { (view.say("跳到正文", "Skip to content")) }
                header {
                    a class="name" href=(view.href("/")) { "Piao 票" }
                    nav aria-label=(view.say("页面", "Pages")) {
                        a href=(view.href("/")) { (view.say("状态", "Status")) }
                        a href=(view.href("/explorer")) { (view.say("区块浏览", "Explorer")) }
                        a href=(view.href("/verify")) { (view.say("查验", "Check a proof")) }
                        a href=(view.href("/errors")) { (view.say("失败代码", "Failure codes")) }
                        a href="/openapi.json" { (view.say("接口", "API")) }
                    }
                    a class="language" lang=(other.0.tag()) hreflang=(other.0.tag())
                        href={ "?lang=" (other.0.tag()) } { (other.1) }
                }
                main id="main" {
                    h1 { (title) }
                    (main)
                }
            }
        }
    };
    Html(markup.into_string())
}

/// A list of facts: name and value.
pub(crate) fn facts(rows: &[(&str, Markup)]) -> Markup {
    html! {
        dl {
            @for (name, value) in rows {
                dt { (name) }
                dd { (value) }
            }
        }
    }
}

/// A digest or another long word that may break anywhere.
pub(crate) fn code(text: &str) -> Markup {
    html! { code { (text) } }
}

/// A link whose text is a digest, a number or a height.
pub(crate) fn code_link(href: &str, text: &str) -> Markup {
    html! { a href=(href) { code { (text) } } }
}

/// Yes or no, in words: colour is never the only signal.
pub(crate) fn yes_no(view: View, yes: bool) -> Markup {
    let word = if yes {
        view.say("是", "yes")
    } else {
        view.say("否", "no")
    };
    html! { (word) }
}

/// The search box of the explorer.
pub(crate) fn search_box(view: View, asked: &str) -> Markup {
    html! {
        form class="search" role="search" action="/explorer" method="get" {
            label for="q" {
                (view.say("发票号码、交易编号或区块高度", "Invoice number, transaction id or height"))
            }
            div {
                input id="q" name="q" type="search" maxlength="64" autocomplete="off" value=(asked);
                @if let Some(tag) = view.hidden_language() {
                    input type="hidden" name="lang" value=(tag);
                }
                button type="submit" { (view.say("查找", "Find")) }
            }
        }
    }
}
