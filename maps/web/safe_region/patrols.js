/* Where hazard is left without patrols: hatched over the hazard, denser where the gap is greater,
   in one quiet colour that is bright at night; and the words for a cell that is clicked. */
(function (SR) {
  'use strict';

  const NOTHING = [];
  const HATCHED_FROM_ZOOM = 14;
  const LINES = { 2: [16, 1], 3: [8, 1], 4: [8, 1.6], 5: [8, 2.3] };
  const OPACITY = { 2: 0.5, 3: 0.65, 4: 0.8, 5: 0.95 };
  const AMONG_SECTIONS = 0.7;
  const patterns = {};
  let popup = null;
  let asked = 0;

  SR.styles.patrols = function (properties, zoom) {
    const gap = Number(of(properties, 'gap')) || 0;
    if (gap < 2) {
      return NOTHING;
    }
    const colour = SR.palette().patrol;
    if (zoom < HATCHED_FROM_ZOOM) {
      return { fill: false, color: colour, weight: 0.4 + 0.3 * (gap - 1), opacity: OPACITY[gap] };
    }
    const among = zoom >= SR.settings.sectionsFromZoom ? AMONG_SECTIONS : 1;
    return {
      fill: true,
      fillColor: pattern(colour, gap),
      fillOpacity: OPACITY[gap] * among,
      color: colour,
      weight: 0.7,
      opacity: 0.55,
      dashArray: visited(properties) ? null : '2,3',
    };
  };

  /* Follow the switch of the layer and the hours that are chosen. */
  SR.bindPatrols = function (map) {
    map.on('layeradd layerremove', function (event) {
      if (event.layer === SR.layers.patrols) {
        follow();
      }
    });
    SR.on('choice', function () {
      close();
      if (isShown()) {
        SR.layers.patrols.redraw();
      }
    });
    document.addEventListener('safe-region-theme', paintSigns);
    paintSigns();
  };

  /* Say of the cell at a click how patrols are felt there, where the layer is shown. */
  SR.tellPatrols = function (latlng) {
    close();
    if (!isShown()) {
      return;
    }
    SR.layers.patrols.find(latlng, 1).then(function (found) {
      if (found) {
        tell(found.properties, latlng);
      }
    });
  };

  function close() {
    if (popup) {
      popup.remove();
      popup = null;
    }
  }

  function of(properties, name) {
    const hour = SR.shownWindow();
    return properties[hour === 'day' ? name : name + '_' + hour];
  }

  function visited(properties) {
    return properties.last_visit_days !== undefined && properties.last_visit_days !== null;
  }

  function isShown() {
    const layer = SR.layers && SR.layers.patrols;
    return Boolean(layer && SR.map.hasLayer(layer));
  }

  function follow() {
    document.querySelectorAll('[data-legend=patrols]').forEach(function (part) {
      part.hidden = !isShown();
    });
    if (isShown()) {
      loadNote();
    }
  }

  /* The service says from which visits the layer is made, or that none is recorded. */
  function loadNote() {
    const mine = ++asked;
    const note = SR.byId('sr-patrol-note');
    SR.ask('/patrols/gap', { limit: 1 }).then(function (answer) {
      return answer.reading_note;
    }).catch(function () {
      return SR.words.patrolNone;
    }).then(function (text) {
      if (note && mine === asked) {
        note.textContent = text;
      }
    });
  }

  function tell(properties, latlng) {
    const gap = Number(of(properties, 'gap')) || 0;
    const dose = Number(of(properties, 'dose')) || 0;
    const lines = [
      filled(SR.words.patrolGap, 'word', SR.settings.classes[String(gap)] || SR.words.noScore),
      filled(SR.words.patrolFelt, 'share', SR.words['patrolDose' + Math.round(4 * dose)]),
      visited(properties)
        ? filled(SR.words.patrolDays, 'days', properties.last_visit_days) : SR.words.patrolNever,
    ];
    const box = SR.element('div', 'sr-told');
    lines.forEach(function (line, index) {
      box.appendChild(SR.element(index ? 'span' : 'b', '', line));
    });
    popup = SR.openPopup(latlng, box);
  }

  function filled(text, name, value) {
    return text.split('{' + name + '}').join(String(value));
  }

  function paintSigns() {
    document.documentElement.style.setProperty('--patrol', SR.palette().patrol);
  }

  function pattern(colour, gap) {
    const key = colour + gap;
    if (!patterns[key]) {
      const tile = stroke(colour, gap);
      patterns[key] = tile.getContext('2d').createPattern(tile, 'repeat');
    }
    return patterns[key];
  }

  /* Lines that fall to the right: those of too few records rise. */
  function stroke(colour, gap) {
    const size = LINES[gap][0];
    const tile = document.createElement('canvas');
    tile.width = size;
    tile.height = size;
    const pen = tile.getContext('2d');
    pen.strokeStyle = colour;
    pen.lineWidth = LINES[gap][1];
    pen.beginPath();
    [-size, 0, size].forEach(function (x) {
      pen.moveTo(x - 1, -1);
      pen.lineTo(x + size + 1, size + 1);
    });
    pen.stroke();
    return tile;
  }
})(window.SafeRegion);
