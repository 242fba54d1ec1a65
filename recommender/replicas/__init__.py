"""Several servers of the pages behind one address, each a process of its own: more processors, and no single death."""
