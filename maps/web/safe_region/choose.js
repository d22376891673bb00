/* Choosing a place: from the list, from the map or from the address, it is the same place. */
(function (SR) {
  'use strict';

  /* Choose a place: mark it in the list, on the map and in the address. */
  SR.choose = function (id, how) {
    const feature = (how && how.feature) || SR.featureOf(id);
    if (!feature) {
      return fetchAndChoose(id, how || {});
    }
    SR.set('place', id);
    if (SR.featureOf(id)) {
      SR.showPicked(null);
    }
    const card = SR.markCard(id);
    if (card && !SR.phone()) {
      card.scrollIntoView({ block: 'nearest' });
    }
    SR.showChosen(feature);
    showOnPhone(feature, card);
    if (how && how.fly) {
      if (SR.phone()) {
        SR.turnTo('map');
      }
      SR.flyTo(feature);
    }
    return Promise.resolve(feature);
  };

  /* The public learns the class in words, nothing more. */
  SR.sayClass = function (properties) {
    const box = SR.byId('sr-chosen');
    const word = SR.settings.classes[String(SR.classOf(properties))] || SR.words.noScore;
    SR.clear(box);
    box.appendChild(SR.element('p', 'sr-label', SR.words.classWord + ': ' + word));
    box.hidden = false;
  };

  /* Show the list or the map where there is room for one. */
  SR.turnTo = function (part) {
    SR.byId('sr-main').dataset.shown = part;
    document.querySelectorAll('.sr-tabs button').forEach(function (button) {
      button.setAttribute('aria-pressed', String(button.dataset.show === part));
    });
    SR.map.invalidateSize({ animate: false });
  };

  function fetchAndChoose(id, how) {
    const kind = how.kind || (/^s[0-9a-f]{12}$/.test(id) ? 'sections' : 'cells');
    return SR.ask('/' + kind + '/' + id, SR.monthQuery()).then(function (answer) {
      const feature = described(id, kind, answer, how.outline);
      SR.showPicked(feature, kind);
      return SR.choose(id, { feature: feature, fly: how.fly });
    }).catch(function () {
      SR.byId('sr-status').textContent = SR.words.failed;
    });
  }

  /* One place comes with the numbers of every hour: its class is that of the view and the hours
     on the map. A cell has no outline; the clicked tile knows its shape. */
  function described(id, kind, answer, outline) {
    const geometry = answer.geometry || (outline && outline.geometry) || null;
    const properties = Object.assign({}, outline && outline.properties, answer.properties || answer);
    properties.label = properties.label || SR.words.area;
    properties.hazard_class = SR.classOf(properties);
    properties.class_word = SR.settings.classes[String(properties.hazard_class)];
    properties.hazard_score = SR.scoreOf(properties);
    properties.confidence_word = SR.settings.confidence[SR.confidenceOf(properties)];
    properties[kind === 'cells' ? 'h3_cell' : 'section_id'] = id;
    return { type: 'Feature', geometry: geometry, properties: properties };
  }

  function showOnPhone(feature, card) {
    const box = SR.byId('sr-chosen');
    SR.clear(box);
    box.hidden = !SR.phone();
    if (box.hidden) {
      return;
    }
    const properties = feature.properties;
    const text = SR.element('div', 'sr-text');
    text.appendChild(SR.element('span', 'sr-label', properties.label));
    text.appendChild(SR.element('span', 'sr-reason', properties.reason || properties.confidence_word));
    const why = SR.element('button', 'sr-why', SR.words.why);
    why.type = 'button';
    why.addEventListener('click', function () {
      SR.turnTo('list');
      if (card) {
        SR.toggleWhy(card, /^s[0-9a-f]{12}$/.test(card.dataset.id) ? 'sections' : 'cells', true);
        card.scrollIntoView({ block: 'start' });
        card.querySelector('.sr-pick').focus({ preventScroll: true });
      }
    });
    box.appendChild(text);
    box.appendChild(SR.badge(properties));
    box.appendChild(why);
  }
})(window.SafeRegion);
