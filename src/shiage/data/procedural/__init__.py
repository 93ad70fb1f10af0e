"""Random characters from smooth primitives: anatomy and clothes from a name, the rest from a seed.

```
name ─► design.py ─┐
seed ─► motion.py ─┴► body.py ─► head.py, hair.py, clothes.py, … ─► shapes.Assembly ─► Mesh
```
"""

from shiage.data.procedural.maker import ProceduralMaker

__all__ = ["ProceduralMaker"]
