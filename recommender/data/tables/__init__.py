"""A file as a table whose rows know their number: csv, parquet, archives."""

import pyarrow as pa

# Of Arrow's keepers of memory the usual one holds on to what large tables leave: a gigabyte, of 32 million ratings.
pa.set_memory_pool(
    pa.jemalloc_memory_pool() if "jemalloc" in pa.supported_memory_backends() else pa.system_memory_pool()
)
