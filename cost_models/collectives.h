// Time of one collective: latency + volume / rate.
//
//   volume q = payload (n-1)/n, twice that for an all-reduce; an all-to-all moves its payload.
//   inside a node   T = base + per_rank n + q / bus(n); gather, scatter, all-to-all 0.7 of the
//   latency across nodes    T = base + per_rank nodes (x sqrt 2 for an all-reduce)
//                       + q / min(bus(ranks per node), line rate of the ranks per node x
//                       efficiency)
// Groups that stride over the nodes share a node's network with the groups beside them, so that
// each has the share of its own ranks. One rank costs nothing.
//
// Where the profile holds a table for the collective and the group (collective_table.h), its times
// are taken; beyond its largest size the equations scale the last of them (profile_gaps.h names
// such sizes).
#pragma once

#include "cost_models/cluster.h"
#include "cost_models/layer_collectives.h"
#include "cost_models/units.h"

namespace galvatron {

// Requires that the links which the group uses have a rate or a bus table.
// Where they have none, a table of the profile must hold the collective.
Seconds collective_time(const Collective& collective, const GroupPlacement& placement,
                        const Hardware& hardware);

// The rate of a collective among `placement.ranks` ranks, as the equations above use it.
BytesPerSecond collective_rate(const GroupPlacement& placement, const Hardware& hardware);

// The value at `ranks`; linear between two entries, constant beyond the ends.
BytesPerSecond bus_rate(const std::map<int, BytesPerSecond>& bus, int ranks);

bool has_rate(const Link& link);

}  // namespace galvatron
