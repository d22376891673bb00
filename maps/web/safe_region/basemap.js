/* The street map from the same extract: ground below the hazard, roads and names above it. */
(function (SR) {
  'use strict';

  const WIDTHS = { motorway: 5, major: 3.8, minor: 2.2 };
  const FIRST_ZOOM = { motorway: 0, major: 0, minor: 13 };
  const FONT = '"Noto Sans", "DejaVu Sans", "Segoe UI", Roboto, sans-serif';

  const PARTS = [['sr-under', ground], ['sr-over', roads], ['sr-names', names]];

  /* Three layers over one set of tiles: the ground under the hazard, roads on it, names on all. */
  SR.basemap = function (options) {
    const layers = PARTS.map(function (part) {
      return layerOf(options, part[0], part[1](SR.palette(), options.lang));
    });
    layers.forEach(function (layer) {
      layer.views = layers[0].views;
    });
    return {
      addTo: function (map) {
        layers.forEach(function (layer) {
          layer.addTo(map);
        });
      },
      repaint: function () {
        layers.forEach(function (layer, index) {
          const rules = PARTS[index][1](SR.palette(), options.lang);
          layer.paintRules = rules.paint;
          layer.labelRules = rules.label;
          layer.clearLayout();
          layer.rerenderTiles();
        });
      },
    };
  };

  function layerOf(options, pane, rules) {
    return protomapsL.leafletLayer({
      url: options.url,
      maxDataZoom: options.lastTileZoom,
      bounds: options.bounds,
      pane: pane,
      lang: options.lang,
      attribution: '',
      paintRules: rules.paint,
      labelRules: rules.label,
    });
  }

  function ground(palette) {
    const P = protomapsL;
    const area = function (name, colour, minzoom) {
      return { dataLayer: name, minzoom: minzoom, symbolizer: new P.PolygonSymbolizer({ fill: colour }) };
    };
    return {
      paint: [
        area('green', palette.green, 0),
        area('water', palette.water, 0),
        {
          dataLayer: 'waterways',
          symbolizer: new P.LineSymbolizer({ color: palette.water, width: 2.5 }),
        },
        area('buildings', palette.building, 14),
      ],
      label: [],
    };
  }

  function roads(palette) {
    const P = protomapsL;
    const casing = new P.LineSymbolizer({
      color: palette.road_casing,
      width: function (zoom, feature) {
        return widthOf(zoom, feature) + 1.6;
      },
      lineCap: 'round',
      lineJoin: 'round',
      perFeature: true,
    });
    const road = new P.LineSymbolizer({
      color: function (zoom, feature) {
        return feature.props.kind === 'minor' ? palette.road : palette.road_major;
      },
      width: widthOf,
      lineCap: 'round',
      lineJoin: 'round',
      perFeature: true,
    });
    const path = new P.LineSymbolizer({
      color: palette.road_casing, width: 1, dash: [3, 2],
    });
    return {
      paint: [
        {
          dataLayer: 'rails',
          symbolizer: new P.LineSymbolizer({ color: palette.rail, width: 1.4, dash: [6, 3] }),
        },
        { dataLayer: 'roads', minzoom: 15, filter: isPath, symbolizer: path },
        { dataLayer: 'roads', filter: isRoad, symbolizer: casing },
        { dataLayer: 'roads', filter: isRoad, symbolizer: road },
      ],
      label: [],
    };
  }

  function names(palette, lang) {
    const P = protomapsL;
    const columns = ['name_' + lang, 'name'];
    return {
      paint: [],
      label: [
        {
          dataLayer: 'places',
          symbolizer: new P.CenteredTextSymbolizer({
            labelProps: columns, fill: palette.place, stroke: palette.text_halo, width: 3,
            font: '600 13px ' + FONT, lineHeight: 1.2,
          }),
        },
        {
          dataLayer: 'roads',
          minzoom: 14,
          filter: isRoad,
          sort: function (a, b) {
            return (WIDTHS[b.kind] || 1) - (WIDTHS[a.kind] || 1);
          },
          symbolizer: new P.LineLabelSymbolizer({
            labelProps: columns, fill: palette.text, stroke: palette.text_halo, width: 3,
            font: '500 12px ' + FONT, position: P.LineLabelPlacement.Center, repeatDistance: 400,
          }),
        },
      ],
    };
  }

  function isRoad(zoom, feature) {
    const kind = feature.props.kind;
    return kind in WIDTHS && zoom >= FIRST_ZOOM[kind];
  }

  function isPath(zoom, feature) {
    return !(feature.props.kind in WIDTHS);
  }

  function widthOf(zoom, feature) {
    const width = WIDTHS[feature.props.kind] || 1;
    return width * Math.max(0.35, Math.pow(1.42, zoom - 15));
  }
})(window.SafeRegion);
