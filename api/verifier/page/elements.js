// Small pieces of the page. Every text from outside becomes a text node, never HTML.

// An element with attributes and children; a child is an element or a text.
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

// A text as a reader should see it: characters that hide, reorder or control are shown by number,
// so that no text can look like another, or move what stands around it.
export function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{DI}\u2028\u2029]/gu, (character) => {
    if (character === "\n") return character;
    const number = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `⟨U+${number}⟩`;
  });
}

// A text from outside, isolated from the direction of what surrounds it.
export function foreign(text) {
  return element("bdi", { class: "foreign", dir: "auto" }, visible(text));
}

export function code(text) {
  return element("code", {}, text);
}

// A list of [name, child].
export function facts(rows) {
  const list = element("dl", {});
  for (const [name, child] of rows) list.append(element("dt", {}, name), element("dd", {}, child));
  return list;
}

export function table(heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((cells) =>
    element("tr", {}, ...cells.map((cell) => element("td", {}, cell))));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
}
