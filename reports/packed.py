"""The run's data inside the page: columns as JSON, compressed, in letters that no parser can mistake for markup.

The bytes are a function of the run: gzip's header is written here, since Python's differs between versions, and the
deflate stream is zlib's.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping

from chaoskit.reports.view import View

_LEVEL = 6  # 9 takes seven times as long for 100,000 operations and saves a few percent
_GZIP_HEADER = b"\x1f\x8b\x08\x00" + b"\x00\x00\x00\x00" + b"\x00\xff"  # deflate, no name, time 0, no system


def page_data(view: View, panels: Mapping[str, object]) -> dict[str, object]:
    """What the page's script reads: the operations in columns, faults, anomalies, and the data of panels by name."""
    return {
        "simulated": view.simulated,
        "operations": view.operations.columns(),
        "faults": [
            {
                "id": fault.id,
                "kind": fault.kind,
                "label": fault.label,
                "begin": fault.begin,
                "end": fault.end,
                "lasts": fault.lasts,
                "effective": bool(fault.effects),
                "effects": fault.effects,
            }
            for fault in view.faults
            if fault.begin is not None
        ],
        "anomalies": [
            {
                "headline": anomaly.headline,
                "ops": [operation.index for operation in anomaly.operations],
                "names": {str(index): name for index, name in anomaly.names.items()},
                "instant": anomaly.instant,
                "begin": anomaly.begin,
                "end": anomaly.end,
            }
            for anomaly in view.anomalies
        ],
        "panels": panels,
    }


def packed(data: Mapping[str, object]) -> str:
    """JSON, gzip, base64."""
    plain = json.dumps(data, separators=(",", ":"), allow_nan=False).encode("ascii")
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    stream = deflater.compress(plain) + deflater.flush()
    trailer = zlib.crc32(plain).to_bytes(4, "little") + (len(plain) & 0xFFFF_FFFF).to_bytes(4, "little")
    return base64.b64encode(_GZIP_HEADER + stream + trailer).decode()
