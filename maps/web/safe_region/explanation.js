/* The panel behind "Why?": a sentence, the factors as bars, shares, light and facts. */
(function (SR) {
  'use strict';

  const element = SR.element;

  /* Fill a panel with the explanation of a place; `kind` is sections or cells. */
  SR.explain = function (panel, kind, id) {
    SR.clear(panel);
    panel.appendChild(element('p', 'sr-hint', SR.words.loading));
    const choice = Object.assign({ window: SR.shownWindow() }, SR.monthQuery());
    return SR.ask('/' + kind + '/' + id + '/explain', choice)
      .then(function (answer) {
        SR.clear(panel);
        draw(panel, answer);
        SR.tryStreet(panel, id, answer.schools || []);
        SR.near(panel, kind, id, answer.quarters || []);
      })
      .catch(function () {
        SR.clear(panel);
        panel.appendChild(element('p', 'sr-hint', SR.words.failed));
      });
  };

  function draw(panel, answer) {
    badges(panel, answer.badges || []);
    panel.appendChild(element('p', 'sr-sentence', answer.sentence));
    factors(panel, answer.parts || []);
    causes(panel, answer.causes || []);
    shares(panel, answer.groups || []);
    light(panel, answer.light || []);
    whatIf(panel, answer.what_if || []);
    const facts = element('ul', 'sr-lines');
    (answer.facts || []).forEach(function (fact) {
      facts.appendChild(element('li', '', fact));
    });
    panel.appendChild(facts);
  }

  function badges(panel, held) {
    held.forEach(function (badge) {
      const line = element('p', 'sr-tagged');
      line.appendChild(element('b', 'sr-tag', badge.word));
      line.appendChild(element('span', 'sr-hint', badge.note));
      panel.appendChild(line);
    });
  }

  /* Bars start at ×1 in the middle: what raises goes right, what lowers goes left. */
  function factors(panel, parts) {
    const shown = parts.filter(function (part) {
      return Math.abs(part.log) >= 0.005;
    });
    if (!shown.length) {
      return;
    }
    const largest = Math.max.apply(null, shown.map(function (part) {
      return Math.abs(part.log);
    }).concat([Math.log(2)]));
    panel.appendChild(element('h3', '', SR.words.factors));
    const list = element('ul', 'sr-factors');
    shown.forEach(function (part) {
      const item = element('li');
      item.appendChild(element('span', 'sr-factor-word', part.word));
      item.appendChild(element('b', 'sr-factor-value', part.factor));
      const track = element('span', 'sr-track');
      const bar = element('span', part.log >= 0 ? 'sr-bar sr-raises' : 'sr-bar sr-lowers');
      bar.style.width = (50 * Math.abs(part.log) / largest).toFixed(1) + '%';
      track.appendChild(bar);
      item.appendChild(track);
      list.appendChild(item);
    });
    panel.appendChild(list);
    panel.appendChild(element('p', 'sr-hint', SR.words.average));
  }

  /* What "changes since" is the sum of: one line a cause, in the order of the model. */
  function causes(panel, held) {
    const shown = held.filter(function (cause) {
      return Math.abs(cause.log) >= 0.005;
    });
    if (!shown.length) {
      return;
    }
    const list = element('ul', 'sr-lines');
    shown.forEach(function (cause) {
      list.appendChild(element('li', '', cause.word + ': ' + cause.factor));
    });
    panel.appendChild(list);
  }

  /* What a change would take away; the notes under it say that the effect is assumed. */
  function whatIf(panel, held) {
    if (!held.length) {
      return;
    }
    panel.appendChild(element('h3', '', SR.words.whatIf));
    held.forEach(function (one) {
      panel.appendChild(element('p', '', one.text));
      panel.appendChild(element('p', 'sr-hint', (one.notes || []).join(' ')));
    });
  }

  function shares(panel, groups) {
    if (!groups.length) {
      return;
    }
    panel.appendChild(element('h3', '', SR.words.groups));
    const list = element('ul', 'sr-factors');
    groups.forEach(function (group) {
      const item = element('li');
      item.appendChild(element('span', 'sr-factor-word', group.word));
      item.appendChild(element('b', 'sr-factor-value', group.text));
      const track = element('span', 'sr-track sr-from-left');
      const bar = element('span', 'sr-bar sr-share');
      bar.style.width = (100 * group.share).toFixed(1) + '%';
      track.appendChild(bar);
      item.appendChild(track);
      list.appendChild(item);
    });
    panel.appendChild(list);
  }

  function light(panel, states) {
    if (!states.length) {
      return;
    }
    const whole = states.reduce(function (sum, state) {
      return sum + state.metres;
    }, 0);
    panel.appendChild(element('h3', '', SR.words.light));
    const strip = element('span', 'sr-strip');
    const text = element('ul', 'sr-lines sr-light');
    states.forEach(function (state) {
      const part = element('span', 'sr-light-' + code(state.state));
      part.style.width = (100 * state.metres / whole).toFixed(1) + '%';
      strip.appendChild(part);
      const line = element('li', '', state.text);
      line.insertBefore(element('span', 'sr-dot sr-light-' + code(state.state)), line.firstChild);
      text.appendChild(line);
    });
    panel.appendChild(strip);
    panel.appendChild(text);
  }

  function code(state) {
    return /^(lit|unlit)$/.test(state) ? state : 'unknown';
  }
})(window.SafeRegion);
