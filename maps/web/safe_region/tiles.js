/* Vector tiles on a canvas through VectorGrid: sharp beyond the last tile zoom and on dense
   screens, redrawn without asking again, and searchable where the reader clicks. */
(function (SR) {
  'use strict';

  /* VectorGrid 1.3.0 calls fakeStop, which Leaflet dropped in 1.8; a release of VectorGrid with
     its pull request 288 makes this line unneeded. */
  L.DomEvent.fakeStop = L.DomEvent.fakeStop || function () {
    return true;
  };

  const KEPT_TILES = 96;

  const DenseCanvas = L.Canvas.Tile.extend({
    initialize: function (coords, size, options) {
      L.Canvas.Tile.prototype.initialize.call(this, coords, size, options);
      const density = Math.min(window.devicePixelRatio || 1, 3);
      this._container.width = Math.round(size.x * density);
      this._container.height = Math.round(size.y * density);
      this._ctx.scale(density, density);
    },
  });

  const Tiles = L.VectorGrid.Protobuf.extend({
    initialize: function (url, options) {
      L.VectorGrid.Protobuf.prototype.initialize.call(this, url, options);
      this._kept = new Map();
      this._ownUrl = url;
    },

    /* Leaflet draws again at zooms that the layer is not for, too. */
    redraw: function () {
      const zoom = this._map ? this._map.getZoom() : -1;
      if (zoom >= this.options.minZoom && zoom <= this.options.maxZoom) {
        L.VectorGrid.Protobuf.prototype.redraw.call(this);
      }
      return this;
    },

    /* Take the tiles of a variant of the layer from now on, such as cells-01-school. */
    useVariant: function (name) {
      const own = '/' + this.options.layer + '/{z}/';
      this.setUrl(this._ownUrl.replace(own, '/' + name + '/{z}/'), true);
    },

    _getVectorTilePromise: function (coords) {
      const last = this.options.lastTileZoom;
      if (coords.z <= last) {
        return this._parsed(coords);
      }
      const depth = coords.z - last;
      const parent = { x: coords.x >> depth, y: coords.y >> depth, z: last };
      return this._parsed(parent).then(function (tile) {
        return cutOut(tile, depth, coords.x - (parent.x << depth), coords.y - (parent.y << depth));
      });
    },

    _parsed: function (coords) {
      const key = L.Util.template(this._url, coords);
      let promise = this._kept.get(key);
      if (promise) {
        this._kept.delete(key);
      } else {
        promise = L.VectorGrid.Protobuf.prototype._getVectorTilePromise.call(this, coords);
        promise = promise.then(refuseFailed).catch(function () {
          this._kept.delete(key);
          this.fire('tilefailed');
          return { layers: {} };
        }.bind(this));
      }
      this._kept.set(key, promise);
      if (this._kept.size > KEPT_TILES) {
        this._kept.delete(this._kept.keys().next().value);
      }
      return promise;
    },

    /* The feature nearest to a point within reach pixels, of those that `among` lets through:
       inside it, or beside the line. Its outline is the tile's, in degrees. */
    find: function (latlng, reach, among) {
      const map = this._map;
      const zoom = Math.min(map.getZoom(), this.options.lastTileZoom);
      const point = map.project(latlng, zoom);
      const coords = { x: Math.floor(point.x / 256), y: Math.floor(point.y / 256), z: zoom };
      const within = reach / Math.pow(2, map.getZoom() - zoom);
      const name = this.options.layer;
      return this._parsed(coords).then(function (tile) {
        const layer = tile.layers[name];
        if (!layer) {
          return null;
        }
        const scale = (layer.extent || 4096) / 256;
        const at = L.point(point.x - coords.x * 256, point.y - coords.y * 256).multiplyBy(scale);
        const features = among ? layer.features.filter(among) : layer.features;
        const found = nearest(features, at, within * scale);
        return found && {
          properties: found.properties,
          geometry: outline(map, found, L.point(coords.x, coords.y).multiplyBy(256), scale, zoom),
        };
      });
    },
  });

  /* Draw one tile layer of ours; its style is a function in SafeRegion.styles. */
  SR.vectorTiles = function (options) {
    const styles = {};
    styles[options.layer] = function (properties, zoom) {
      return SR.styles[options.layer](properties, zoom);
    };
    return new Tiles(options.url, {
      layer: options.layer,
      lastTileZoom: options.lastTileZoom,
      minZoom: options.minZoom,
      maxZoom: options.maxZoom,
      bounds: options.bounds,
      pane: 'sr-' + options.layer,
      rendererFactory: function (coords, size, tileOptions) {
        return new DenseCanvas(coords, size, tileOptions);
      },
      vectorTileLayerStyles: styles,
    });
  };

  /* VectorGrid passes a refused tile on as a list, which would be drawn like an empty one. */
  function refuseFailed(tile) {
    if (Array.isArray(tile.layers)) {
      throw new Error('no tile');
    }
    return tile;
  }

  function cutOut(tile, depth, column, row) {
    const layers = {};
    Object.keys(tile.layers).forEach(function (name) {
      const layer = tile.layers[name];
      const extent = layer.extent || 4096;
      const factor = 1 << depth;
      const features = [];
      layer.features.forEach(function (feature) {
        const geometry = moved(feature.geometry, factor, column * extent, row * extent);
        if (touches(geometry, extent)) {
          features.push({ type: feature.type, properties: feature.properties, geometry: geometry });
        }
      });
      layers[name] = { extent: extent, features: features, length: features.length };
    });
    return { layers: layers };
  }

  function moved(geometry, factor, left, top) {
    return geometry.map(function (ring) {
      return ring.map(function (point) {
        return { x: point.x * factor - left, y: point.y * factor - top };
      });
    });
  }

  function touches(geometry, extent) {
    let west = Infinity;
    let east = -Infinity;
    let north = Infinity;
    let south = -Infinity;
    geometry.forEach(function (ring) {
      ring.forEach(function (point) {
        west = Math.min(west, point.x);
        east = Math.max(east, point.x);
        north = Math.min(north, point.y);
        south = Math.max(south, point.y);
      });
    });
    const edge = extent / 8;
    return east >= -edge && west <= extent + edge && south >= -edge && north <= extent + edge;
  }

  function nearest(features, at, reach) {
    let found = null;
    let best = reach;
    features.forEach(function (feature) {
      const distance = feature.type === 3
        ? (inside(feature.geometry, at) ? 0 : Infinity)
        : beside(feature.geometry, at);
      if (distance <= best) {
        best = distance;
        found = feature;
      }
    });
    return found;
  }

  function outline(map, feature, corner, scale, zoom) {
    const lines = feature.geometry.map(function (ring) {
      return ring.map(function (point) {
        const at = map.unproject(L.point(point.x, point.y).divideBy(scale).add(corner), zoom);
        return [at.lng, at.lat];
      });
    });
    return { type: feature.type === 3 ? 'Polygon' : 'MultiLineString', coordinates: lines };
  }

  function inside(rings, at) {
    let within = false;
    rings.forEach(function (ring) {
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const a = ring[i];
        const b = ring[j];
        const crosses = a.y > at.y !== b.y > at.y;
        if (crosses && at.x < ((b.x - a.x) * (at.y - a.y)) / (b.y - a.y) + a.x) {
          within = !within;
        }
      }
    });
    return within;
  }

  function beside(lines, at) {
    let best = Infinity;
    lines.forEach(function (line) {
      for (let i = 0; i < line.length; i++) {
        const start = L.point(line[Math.max(i - 1, 0)]);
        best = Math.min(best, L.LineUtil.pointToSegmentDistance(at, start, L.point(line[i])));
      }
    });
    return best;
  }
})(window.SafeRegion);
