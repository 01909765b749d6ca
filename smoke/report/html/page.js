"use strict";
(() => {
  /* The exchanges are packed: most readers open a few of them, or none. */
  let data = [];
  const unpacked = (async () => {
    const packed = document.getElementById("data").textContent;
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    data = (await new Response(stream).json()).map((one) => ({
      target: one.target,
      entries: new Map(one.har.log.entries.map((entry) => [entry._smoke.number, entry])),
    }));
  })();
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  /* Every text of the service goes through textContent: none of it is ever read as HTML. */
  const make = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  /* Filter of operations: words, and the accounts with a pressed chip. */
  const filter = $("#filter");
  const rows = all("#operations > tr");
  const chips = all(".chip");
  const count = $("#count");
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const accounts = chips.filter((c) => c.getAttribute("aria-pressed") === "true")
      .map((c) => c.dataset.account);
    let shown = 0;
    for (const row of rows) {
      const text = row.dataset.text;
      const kinds = row.dataset.accounts.split("|");
      row.hidden = !words.every((word) => text.includes(word))
        || (accounts.length > 0 && !accounts.some((account) => kinds.includes(account)));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = `${shown} of ${rows.length}`;
    $("#none").hidden = shown > 0;
  };
  filter.addEventListener("input", apply);
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  for (const cell of all(".cell")) {
    cell.addEventListener("click", () => {
      filter.value = cell.dataset.filter;
      for (const chip of chips) chip.setAttribute("aria-pressed", "false");
      apply();
      filter.focus();
      $("#operations-title").scrollIntoView();
    });
  }

  /* One exchange at a time, with its neighbours a key away. */
  const dialog = $("dialog");
  let keys = [];
  let at = 0;
  const copyable = (text) => {
    const box = make("div", undefined, "copy");
    box.append(make("pre", text), copyButton());
    return box;
  };
  const copyButton = () => {
    const button = make("button", "copy");
    button.type = "button";
    return button;
  };
  const pretty = (text) => {
    try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
  };
  const pairs = (found) => {
    const list = make("dl", undefined, "pairs");
    for (const [name, value, className] of found) {
      if (value === "" || value === undefined) continue;
      const place = make("dd", undefined, className);
      place.append(value);
      list.append(make("dt", name), place);
    }
    return list;
  };
  const link = (text, address) => {
    if (!/^https?:\/\//.test(address)) return text;
    const made = make("a", text);
    made.href = address;
    made.rel = "noopener noreferrer";
    return made;
  };
  const message = (title, body, headers) => {
    const box = make("div");
    box.append(make("h4", title));
    box.append(body ? make("pre", pretty(body)) : make("p", "no body", "soft"));
    const lines = headers.map(({ name, value }) => `${name}: ${value}`);
    const more = make("details");
    more.append(make("summary", `${lines.length} headers`), make("pre", lines.join("\n")));
    box.append(more);
    return box;
  };
  const header = (message, wanted) => (
    message.headers.find(({ name }) => name === wanted)?.value ?? ""
  );
  const show = () => {
    const [target, number] = keys[at].split(".").map(Number);
    const { request, response, time, pageref, _smoke: x } = data[target].entries.get(number);
    const size = response.content.size;
    const answer = `${response.status} in ${time} ms, ${size} bytes`;
    const title = x.operation ?? `${request.method} ${request.url}`;
    $("h3", dialog).textContent = title;
    $("#place").textContent = `${at + 1}/${keys.length}`;
    const inside = $(".inside", dialog);
    inside.replaceChildren(pairs([
      ["target", data.length > 1 ? data[target].target : ""],
      ["check", pageref],
      ["actor", x.actor],
      ["url", request.url],
      ["answer", response.status ? answer : x.error, response.status ? "" : "got"],
      ["re-sent", x.resent ? "once: the connection broke before any byte came back" : ""],
      ["remark", x.remark],
      ["at", `${x.at_s ?? 0} s into the run`],
      ["request id", x.request_id],
      ["trace", link(header(request, "traceparent"), x.trace_url)],
      ...(x.expectations ?? []).flatMap((e) => [
        [e.met ? "✔ expected" : "✖ expected", e.expected],
        ["got", e.met ? "" : e.got, "got"],
      ]),
    ]));
    inside.append(message("Request", request.postData?.text, request.headers),
      message("Response", response.content.text, response.headers));
    const again = make("div");
    again.append(make("h4", "curl"), copyable(x.curl));
    inside.append(again);
    dialog.scrollTop = 0;
  };
  const open = async (list, index) => {
    if (!list.length) return;
    if (!data.length) await unpacked;
    keys = list;
    at = index;
    show();
    if (!dialog.open) dialog.showModal();
  };
  const step = (by) => {
    at = (at + by + keys.length) % keys.length;
    show();
  };
  $("#previous").addEventListener("click", () => step(-1));
  $("#next").addEventListener("click", () => step(1));
  $("#close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });

  document.addEventListener("click", async (event) => {
    const row = event.target.closest("[data-x]");
    if (row) {
      const target = row.dataset.x.split(".")[0];
      const list = all(`.exchange[data-x^="${target}."]`).map((r) => r.dataset.x);
      open(list, list.indexOf(row.dataset.x));
      return;
    }
    const operation = event.target.closest("[data-xs]");
    if (operation) {
      const list = operation.dataset.xs.split(" ").filter(Boolean);
      open(list, 0);
      return;
    }
    const copy = event.target.closest(".copy button");
    const ticket = event.target.closest(".ticket");
    if (copy) await toClipboard(copy, $("pre", copy.parentElement).textContent);
    if (ticket) await toClipboard(ticket, markdown(ticket.closest(".failure")));
    const sorter = event.target.closest("th[aria-sort] button");
    if (sorter) sort(sorter.closest("th"));
  });

  const toClipboard = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      /* A page opened from disk may not have the clipboard: select a copy of the text instead. */
      const area = make("textarea", text);
      button.after(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "copied";
  };

  /* A failure as Markdown for a ticket; fences are longer than any run of backticks inside. */
  const fenced = (text) => {
    const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
    const fence = "`".repeat(Math.max(3, longest + 1));
    return `${fence}\n${text}\n${fence}`;
  };
  const markdown = (failure) => {
    const lines = [`### ${failure.dataset.check}`, "", $(".title", failure).textContent, ""];
    for (const name of all("dt", failure)) {
      const value = name.nextElementSibling;
      const block = $("pre", value);
      const text = (block ?? $("code", value) ?? value).textContent;
      lines.push(block ? `${name.textContent}:\n\n${fenced(text)}\n` : `- ${name.textContent}: ${text}`);
    }
    return lines.join("\n");
  };

  /* Columns sort by their numbers where they have some, else by their texts. */
  const sort = (head) => {
    const table = head.closest("table");
    const column = [...head.parentElement.children].indexOf(head);
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of all("th[aria-sort]", table)) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = $("tbody", table);
    const key = (row) => row.children[column].textContent.trim();
    const order = (a, b) => (
      key(a).localeCompare(key(b), undefined, { numeric: true }) * (down ? -1 : 1)
    );
    body.append(...[...body.children].sort(order));
  };

  /* Keys: / to the filter, Escape out of it, arrows along a list. */
  document.addEventListener("keydown", (event) => {
    if (dialog.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === filter;
    if (event.key === "/" && !typing) {
      event.preventDefault();
      filter.focus();
      filter.select();
    } else if (event.key === "Escape" && typing) {
      filter.value = "";
      apply();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const list = typing ? $("#operations") : document.activeElement.closest(".rows");
      if (!list) return;
      const buttons = all("button.row:enabled", list).filter((b) => b.checkVisibility());
      const index = typing ? -1 : buttons.indexOf(document.activeElement);
      const next = buttons[index + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  });
  /* On paper everything is unfolded. */
  addEventListener("beforeprint", () => {
    for (const failure of all("details.failure")) failure.open = true;
  });
  apply();
})();
