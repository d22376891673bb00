/* The ranked list: the equal of the map for those who cannot or do not want to use it. */
(function (SR) {
  'use strict';

  const element = SR.element;
  const LISTED = 20;
  let asked = 0;

  /* Ask for the list of the present view and window and show it. */
  SR.loadList = function () {
    if (!SR.listedRole) {
      return Promise.resolve();
    }
    const mine = ++asked;
    status(SR.words.loading);
    const listed = SR.state.view === 'dark' ? darkWays() : SR.ask('/sections', Object.assign(
      { view: SR.state.view, window: SR.shownWindow(), limit: LISTED }, SR.monthQuery()
    ));
    return listed.then(function (answer) {
      if (mine === asked) {
        show(answer.features || []);
        if (answer.when) {
          SR.byId('sr-view-note').textContent = SR.settings.viewNotes.dark + ' ' + answer.when + '.';
        }
      }
    }).catch(function () {
      if (mine === asked) {
        show([]);
        failed();
      }
    });
  };

  /* One card: rank, label, score and class, reason, rank range, confidence, and "Why?". */
  SR.card = function (feature, kind, tag) {
    const properties = feature.properties;
    const id = properties.section_id || properties.h3_cell || properties.id;
    const card = element(tag || 'li', 'sr-card');
    card.dataset.id = id;
    const head = element('div', 'sr-head');
    head.appendChild(pick(properties, id));
    const why = element('button', 'sr-why', SR.words.why);
    const panel = element('div', 'sr-panel');
    why.type = 'button';
    why.setAttribute('aria-expanded', 'false');
    panel.hidden = true;
    why.addEventListener('click', function () {
      SR.toggleWhy(card, kind, panel.hidden);
      SR.choose(id, { kind: kind, feature: feature, fly: false });
    });
    head.appendChild(why);
    card.appendChild(head);
    card.appendChild(panel);
    return card;
  };

  SR.toggleWhy = function (card, kind, open) {
    const panel = card.querySelector('.sr-panel');
    const why = card.querySelector('.sr-why');
    panel.hidden = !open;
    why.setAttribute('aria-expanded', String(open));
    why.textContent = open ? SR.words.hide : SR.words.why;
    if (open) {
      SR.explain(panel, kind, card.dataset.id);
    }
  };

  SR.badge = function (properties) {
    if (properties.minutes_text) {
      const minutes = element('span', 'sr-badge sr-minutes');
      minutes.appendChild(element('b', '', properties.minutes_text));
      minutes.appendChild(element('span', '', SR.words.minutes));
      return minutes;
    }
    const hazardClass = Number(properties.hazard_class) || 0;
    const badge = element('span', 'sr-badge sr-class-' + (hazardClass >= 2 ? hazardClass : 1));
    if (hasScore(properties)) {
      badge.appendChild(element('b', '', Math.floor(Math.round(properties.hazard_score * 10) / 10)));
    }
    badge.appendChild(element('span', '', properties.class_word || SR.words.noScore));
    return badge;
  };

  /* Mark the chosen card, open nothing; returns the card if it is in the list. */
  SR.markCard = function (id) {
    let found = null;
    document.querySelectorAll('.sr-card').forEach(function (card) {
      const chosen = card.dataset.id === id;
      card.classList.toggle('sr-is-chosen', chosen);
      card.querySelector('.sr-pick').setAttribute('aria-pressed', String(chosen));
      if (chosen && !found) {
        found = card;
      }
    });
    return found;
  };

  /* A place chosen on the map that the list does not hold stands above it. */
  SR.showPicked = function (feature, kind) {
    const holder = SR.byId('sr-picked');
    SR.clear(holder);
    if (!feature) {
      return null;
    }
    holder.appendChild(element('h2', '', SR.words.chosen));
    const card = SR.card(feature, kind, 'div');
    holder.appendChild(card);
    return card;
  };

  SR.featureOf = function (id) {
    return SR.listed ? SR.listed.get(id) : null;
  };

  /* The streets that are worst for the children who walk them in the dark. */
  function darkWays() {
    const choice = { limit: LISTED };
    if (SR.state.month) {
      choice.month = SR.state.month;
    }
    return SR.ask('/dark-gap', choice).then(function (answer) {
      return {
        when: answer.when,
        features: answer.sections.features.filter(function (feature) {
          return feature.properties.unlit_dark_minutes > 0;
        }),
      };
    });
  }

  function show(features) {
    SR.listed = new Map();
    const cards = SR.byId('sr-cards');
    const few = SR.byId('sr-few-cards');
    SR.clear(cards);
    SR.clear(few);
    features.forEach(function (feature) {
      const properties = feature.properties;
      SR.listed.set(properties.section_id, feature);
      const card = SR.card(feature, 'sections');
      (properties.numbered === false ? few : cards).appendChild(card);
    });
    SR.byId('sr-few').hidden = !few.children.length;
    status(features.length ? '' : SR.state.view === 'dark' ? SR.words.noDark : SR.words.empty);
    SR.emit('listed', features);
  }

  function pick(properties, id) {
    const button = element('button', 'sr-pick');
    button.type = 'button';
    button.setAttribute('aria-pressed', 'false');
    if (properties.numbered !== false && properties.rank) {
      button.appendChild(element('span', 'sr-rank', properties.rank));
    } else {
      button.appendChild(element('span', 'sr-rank sr-no-rank'));
    }
    const text = element('span', 'sr-text');
    text.appendChild(element('span', 'sr-label', properties.label));
    if (properties.reason) {
      text.appendChild(element('span', 'sr-reason', properties.reason));
    }
    const small = [properties.rank_text, properties.confidence_word, properties.share_text].filter(Boolean).join(' · ');
    text.appendChild(element('span', 'sr-small', small));
    button.appendChild(text);
    button.appendChild(SR.badge(properties));
    button.addEventListener('click', function () {
      SR.choose(id, { fly: true });
    });
    return button;
  }

  function hasScore(properties) {
    return properties.hazard_score !== undefined && properties.hazard_score !== null;
  }

  function status(text) {
    const holder = SR.byId('sr-status');
    SR.clear(holder);
    holder.textContent = text;
  }

  function failed() {
    const holder = SR.byId('sr-status');
    const again = element('button', 'sr-button', SR.words.retry);
    again.type = 'button';
    again.addEventListener('click', SR.loadList);
    holder.textContent = SR.words.failed + ' ';
    holder.appendChild(again);
  }
})(window.SafeRegion);
