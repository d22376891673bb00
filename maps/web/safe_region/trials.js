/* What would be other than now, tried on the page and stored nowhere: a street closed or lit for
   the pupils who walk there, and lamps at points of the map. */
(function (SR) {
  'use strict';

  const element = SR.element;
  const CHANGES = [['close', 'closeStreet'], ['light', 'lightStreet']];
  const MOST_LAMPS = 50;
  const DARKEST_DAY = '12-21';
  const MIDDLE_OF_MONTH = '15';
  const FIRST_WALK = '07:40';
  let lamps = [];
  let answered = [];
  let askedHours = '';
  let drawn = null;
  let asked = 0;

  /* Add to a section's panel, for each school that walks there, what may be asked. */
  SR.tryStreet = function (panel, id, schools) {
    if (!schools.length) {
      return;
    }
    panel.appendChild(element('h3', '', SR.words.tryStreet));
    schools.forEach(function (school) {
      const holder = element('div', 'sr-trial');
      const said = element('div');
      let turn = 0;
      said.setAttribute('aria-live', 'polite');
      holder.appendChild(element('span', 'sr-trial-name', school.label));
      CHANGES.forEach(function (change) {
        const button = element('button', 'sr-button', SR.words[change[1]]);
        button.type = 'button';
        button.addEventListener('click', function () {
          const mine = ++turn;
          const body = {};
          body[change[0]] = [id];
          const path = '/schools/' + encodeURIComponent(school.school_id) + '/what-if';
          tell(said, SR.send(path, body, body.light ? darkWalk() : {}), function () {
            return mine === turn;
          });
        });
        holder.appendChild(button);
      });
      holder.appendChild(said);
      panel.appendChild(holder);
    });
  };

  /* Light is asked about on the way to the first shift, on the darkest day or in the month chosen. */
  function darkWalk() {
    if (!SR.asOf) {
      return {};
    }
    const month = SR.state.month;
    const day = month ? String(month).padStart(2, '0') + '-' + MIDDLE_OF_MONTH : DARKEST_DAY;
    const year = Number(SR.asOf.slice(0, 4)) + (day < SR.asOf.slice(5) ? 1 : 0);
    return { at: year + '-' + day + 'T' + FIRST_WALK };
  }

  /* While the box of lamps is open, a click on the map stands a lamp there. */
  SR.bindTrials = function (map) {
    const box = SR.byId('sr-lamps');
    drawn = L.layerGroup().addTo(map);
    if (!box) {
      return;
    }
    box.addEventListener('toggle', function () {
      map.getContainer().classList.toggle('sr-placing', box.open);
    });
    SR.byId('sr-no-lamps').addEventListener('click', forget);
    map.getContainer().addEventListener('keydown', function (event) {
      if (event.key === 'Enter' && event.target === map.getContainer()) {
        SR.placeLamp(map.getCenter());
      }
    });
    map.on('layerremove', function (event) {
      if (event.layer === SR.layers.lighting) {
        box.open = false;
        forget();
      }
    });
    SR.on('choice', askAgain);
  };

  /* Stand a lamp where the map was clicked, if lamps are being tried. */
  SR.placeLamp = function (latlng) {
    const box = SR.byId('sr-lamps');
    if (!box || !box.open || box.hidden) {
      return false;
    }
    if (lamps.length < MOST_LAMPS) {
      lamps = lamps.concat([{ lat: latlng.lat, lon: latlng.lng }]);
      ask();
    }
    return true;
  };

  function forget() {
    lamps = [];
    answered = [];
    asked += 1;
    SR.clear(SR.byId('sr-lamp-said'));
    show([]);
  }

  function hours() {
    return SR.settings.role === 'prosecutor' ? SR.shownWindow() : 'day';
  }

  function askAgain() {
    if (lamps.length && hours() !== askedHours) {
      ask();
    }
  }

  /* Ask about all lamps together, those that wait for their answer too; where they are refused,
     those that were answered before are left. */
  function ask() {
    const mine = ++asked;
    const wanted = lamps;
    askedHours = hours();
    const body = Object.assign({}, wanted[0], { others: wanted.slice(1), window: askedHours });
    const sent = SR.send('/scenarios/lamp', body);
    sent.then(function (answer) {
      if (mine === asked) {
        answered = wanted;
        show(answer.lamps);
      }
    }).catch(function () {
      if (mine === asked) {
        lamps = answered;
      }
    });
    tell(SR.byId('sr-lamp-said'), sent, function () {
      return mine === asked;
    });
  }

  function show(shown) {
    drawn.clearLayers();
    SR.byId('sr-no-lamps').hidden = !shown.length;
    shown.forEach(function (lamp) {
      const colour = SR.palette().chosen;
      L.circle([lamp.lat, lamp.lon], {
        pane: 'sr-chosen', interactive: false, radius: lamp.reach_m,
        color: colour, weight: 2, dashArray: '4,4', fillColor: colour, fillOpacity: 0.15,
      }).addTo(drawn);
      L.circleMarker([lamp.lat, lamp.lon], {
        pane: 'sr-chosen', interactive: false, radius: 4,
        color: SR.palette().chosen_casing, weight: 2, fillColor: colour, fillOpacity: 1,
      }).addTo(drawn);
    });
  }

  /* Say the sentence and the notes of an answer, or why there is none, while it is waited for. */
  function tell(said, sent, isWaited) {
    function say(sentence, note) {
      if (!isWaited()) {
        return;
      }
      SR.clear(said);
      if (sentence) {
        said.appendChild(element('p', 'sr-sentence', sentence));
      }
      said.appendChild(element('p', 'sr-hint', note));
    }

    say('', SR.words.loading);
    sent.then(function (answer) {
      const when = answer.at ? SR.dayText(answer.at.slice(0, 10)) + ', ' + answer.at.slice(11, 16) + '.' : '';
      say(answer.sentence, [when].concat(answer.notes || []).filter(Boolean).join(' '));
    }).catch(function (error) {
      say('', SR.words['refused_' + error.code] || SR.words.failed);
    });
  }
})(window.SafeRegion);
