/* How cells, sections and routes look; colours come from the service's palette.
   Class 1 is not painted: an empty part of the map is information. */
(function (SR) {
  'use strict';

  const NOTHING = [];
  const patterns = {};

  /* The class shown for a place: by the window of the day, or by the view's score; a role that
     is not shown scores sees the hazard class in every view. */
  SR.classOf = function (properties) {
    const score = SR.scoreOf(properties);
    if (SR.state.view === 'harm' || score === undefined || score === null) {
      const hour = SR.shownWindow();
      return Number(properties[hour === 'day' ? 'hazard_class' : 'hazard_class_' + hour]) || 0;
    }
    return 1 + SR.settings.breaks.filter(function (edge) {
      return score >= edge;
    }).length;
  };

  SR.scoreOf = function (properties) {
    const hour = SR.shownWindow();
    const key = { count: 'count_score', walk: 'burden_score' }[SR.state.view]
      || (hour === 'day' ? 'hazard_score' : 'hazard_score_' + hour);
    return properties[key];
  };

  /* How far the shown number can be trusted; hours have a word of their own. */
  SR.confidenceOf = function (properties) {
    const hour = SR.shownWindow();
    return (hour !== 'day' && properties['confidence_' + hour]) || properties.confidence || 'strong';
  };

  SR.colourOf = function (hazardClass) {
    return hazardClass >= 2 ? SR.palette().classes[hazardClass - 2] : null;
  };

  SR.styles = {
    cells: function (properties, zoom) {
      const hazardClass = SR.classOf(properties);
      const colour = SR.colourOf(hazardClass);
      if (!colour) {
        return NOTHING;
      }
      const few = SR.confidenceOf(properties) === 'too_few';
      const sure = SR.confidenceOf(properties) === 'strong';
      if (zoom >= SR.settings.sectionsFromZoom && SR.listedRole) {
        return { fill: false, color: colour, weight: 1, opacity: 0.45 };
      }
      return {
        fill: true,
        fillColor: few ? hatch(colour) : colour,
        fillOpacity: few ? 0.95 : 0.68 + 0.04 * (hazardClass - 2),
        stroke: true,
        color: sure ? SR.palette().ground : colour,
        weight: sure ? 0.6 : 1.1,
        opacity: sure ? 0.7 : 0.95,
        dashArray: sure ? null : '4,3',
      };
    },

    sections: function (properties, zoom) {
      const hazardClass = SR.classOf(properties);
      const colour = SR.colourOf(hazardClass);
      if (!colour) {
        return NOTHING;
      }
      const width = (1.6 + 1.15 * (hazardClass - 1)) * (zoom >= 17 ? 1.7 : zoom >= 16 ? 1.3 : 1);
      const dash = { tentative: '9,5', too_few: '2,6' }[SR.confidenceOf(properties)] || null;
      const lines = [];
      if (!dash) {
        lines.push({ color: SR.palette().ground, weight: width + 2, opacity: 0.8 });
      }
      lines.push({
        color: colour,
        weight: width,
        opacity: 1,
        dashArray: dash,
        lineCap: dash ? 'butt' : 'round',
      });
      return lines;
    },

    routes: function (properties) {
      const pupils = Number(properties.pupils) || 0;
      const schools = String(properties.schools || '').split(/[,;\s]+/);
      if (pupils < 1 || (SR.state.school && schools.indexOf(SR.state.school) < 0)) {
        return NOTHING;
      }
      const weight = Math.min(1 + Math.sqrt(pupils) / 4, 6);
      return { color: SR.palette().route, weight: weight, opacity: 0.65 };
    },
  };

  /* Slanting lines in a colour: what is there, but not surely so. */
  SR.hatch = hatch;

  function hatch(colour) {
    if (!patterns[colour]) {
      const tile = document.createElement('canvas');
      tile.width = 7;
      tile.height = 7;
      const pen = tile.getContext('2d');
      pen.strokeStyle = colour;
      pen.lineWidth = 1.4;
      pen.beginPath();
      [-7, 0, 7].forEach(function (x) {
        pen.moveTo(x - 1, 8);
        pen.lineTo(x + 8, -1);
      });
      pen.stroke();
      patterns[colour] = pen.createPattern(tile, 'repeat');
    }
    return patterns[colour];
  }
})(window.SafeRegion);
