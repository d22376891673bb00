/* The map's side: panes, numbered sections of the list, schools, the chosen place, clicks. */
(function (SR) {
  'use strict';

  const PANES = {
    'sr-under': 210, 'sr-cells': 320, 'sr-routes': 350, 'sr-lighting': 360, 'sr-cameras': 365,
    'sr-sections': 370, 'sr-over': 330, 'sr-names': 390, 'sr-ranked': 420, 'sr-chosen': 430,
  };
  const REACH = 12;
  let ranked = null;
  let chosen = null;
  let schools = null;

  SR.preparePanes = function (map) {
    Object.keys(PANES).forEach(function (name) {
      const pane = map.createPane(name);
      pane.style.zIndex = PANES[name];
      pane.style.pointerEvents = 'none';
    });
    ranked = L.layerGroup().addTo(map);
    chosen = L.layerGroup().addTo(map);
    schools = L.layerGroup();
  };

  SR.schoolLayer = function () {
    return schools;
  };

  /* Number the listed sections on the map as in the list. */
  SR.showRanked = function (features) {
    ranked.clearLayers();
    features.slice().reverse().forEach(function (feature) {
      const numbered = feature.properties.numbered !== false && feature.properties.rank;
      L.geoJSON(feature.geometry, {
        pane: 'sr-ranked',
        interactive: false,
        style: {
          className: 'sr-ranked-line',
          color: SR.palette().chosen,
          weight: numbered ? 3 : 2,
          opacity: 0.85,
          dashArray: numbered ? null : '3,5',
        },
      }).addTo(ranked);
      if (numbered) {
        badgeAt(feature).addTo(ranked);
      }
    });
  };

  SR.showChosen = function (feature) {
    chosen.clearLayers();
    if (!feature || !feature.geometry) {
      return;
    }
    const polygon = /Polygon/.test(feature.geometry.type);
    [[polygon ? 5 : 12, 'chosen_casing', 0.95], [polygon ? 2.5 : 6, 'chosen', 1]].forEach(function (line) {
      L.geoJSON(feature.geometry, {
        pane: 'sr-chosen',
        interactive: false,
        style: {
          color: SR.palette()[line[1]], weight: line[0], opacity: line[2], fill: false,
          lineCap: 'round',
        },
      }).addTo(chosen);
    });
    document.querySelectorAll('.sr-number').forEach(function (badge) {
      badge.classList.toggle('sr-is-chosen', badge.dataset.id === feature.properties.section_id);
    });
  };

  SR.flyTo = function (feature) {
    const bounds = L.geoJSON(feature.geometry).getBounds();
    if (!bounds.isValid()) {
      return;
    }
    const options = { maxZoom: 16, padding: [60, 60], animate: !SR.calm(), duration: 0.6 };
    SR.map.flyToBounds(bounds, options);
  };

  SR.showSchools = function (features) {
    schools.clearLayers();
    features.forEach(function (feature) {
      const properties = feature.properties;
      const at = feature.geometry && feature.geometry.coordinates;
      if (!at) {
        return;
      }
      const mark = SR.element('span', 'sr-school');
      mark.appendChild(SR.element('span', 'sr-school-mark'));
      mark.appendChild(SR.element('span', 'sr-school-name', properties.label || properties.name));
      const marker = L.marker([at[1], at[0]], {
        icon: L.divIcon({ html: mark, className: 'sr-school-icon', iconSize: [24, 24] }),
        keyboard: false,
        alt: '',
      });
      marker.on('click', function () {
        const id = String(properties.school_id);
        SR.set('school', SR.state.school === id ? null : id);
        mark.classList.toggle('sr-is-chosen', SR.state.school === id);
      });
      marker.addTo(schools);
    });
  };

  /* Find what was clicked: a section where they are drawn, else a cell. */
  SR.pickAt = function (latlng) {
    const zoom = SR.map.getZoom();
    const order = SR.listedRole && zoom >= SR.settings.sectionsFromZoom
      ? ['sections', 'cells'] : ['cells'];
    return order.reduce(function (before, name) {
      return before.then(function (found) {
        const layer = SR.layers[name];
        if (found || !layer || !SR.map.hasLayer(layer)) {
          return found;
        }
        return layer.find(latlng, REACH).then(function (feature) {
          return feature && { kind: name, feature: feature };
        });
      });
    }, Promise.resolve(null));
  };

  function badgeAt(feature) {
    const properties = feature.properties;
    const number = SR.element('span', 'sr-number', properties.rank);
    number.dataset.id = properties.section_id;
    const marker = L.marker(middle(feature.geometry), {
      icon: L.divIcon({ html: number, className: 'sr-number-icon', iconSize: [28, 28] }),
      keyboard: false,
      alt: '',
      zIndexOffset: 1000 - 10 * Number(properties.rank),
    });
    marker.on('click', function () {
      SR.choose(properties.section_id, { fly: false });
    });
    return marker;
  }

  function middle(geometry) {
    const lines = geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates;
    const line = lines[Math.floor(lines.length / 2)];
    const lengths = [];
    for (let i = 1; i < line.length; i++) {
      lengths.push(Math.hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]));
    }
    let rest = lengths.reduce(function (sum, length) {
      return sum + length;
    }, 0) / 2;
    for (let i = 0; i < lengths.length; i++) {
      if (rest <= lengths[i] && lengths[i] > 0) {
        const share = rest / lengths[i];
        return [
          line[i][1] + share * (line[i + 1][1] - line[i][1]),
          line[i][0] + share * (line[i + 1][0] - line[i][0]),
        ];
      }
      rest -= lengths[i];
    }
    return [line[0][1], line[0][0]];
  }
})(window.SafeRegion);
