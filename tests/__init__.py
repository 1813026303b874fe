"""The tests.  Whatever of them is imported first, they see the snapshot that they speak of."""

from tests.frozen import freeze

freeze()
