// What was found about a refused request, on the page.

import { code, element, facts } from "./elements.js";
import { pick, say } from "./language.js";
import { checklist, conclusion } from "./verdict_view.js";
import { NETWORKS } from "./words.js";

// The whole of a verdict on a refusal.
export function refusalView(verdict) {
  const { txid, account, asked, code: failure, evidence, refused_at: at } = verdict;
  const network = verdict.network === null ? say("none") : pick(NETWORKS[verdict.network]);
  const rows = [
    [say("asked"), asked], [say("refused_with"), failure],
    [say("evidence"), evidence.length === 0 ? null : evidence.join(", ")],
    [say("refused_at"), at && `#${at.height} ${at.time}`], [say("account"), account],
    [say("transaction"), txid], [say("network"), network],
    [say("fingerprint"), verdict.trust_root ?? say("none")],
  ].filter(([, value]) => value !== null).map(([name, value]) => [name, code(String(value))]);
  return element(
    "article", { class: "verdict", "data-verdict": verdict.verdict, "data-reason": verdict.reason },
    conclusion(verdict),
    facts(rows),
    element("h3", {}, say("checks")),
    checklist(verdict, null),
  );
}
