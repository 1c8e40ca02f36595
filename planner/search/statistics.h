// What the search did, to be printed and to be watched over time.
#pragma once

#include <cstdint>

namespace galvatron::search {

struct Statistics {
  std::int64_t candidates = 0;         // triples of stage count, micro-batches and schedule given
  std::int64_t members = 0;            // problems that took the place of a family
  std::int64_t candidates_opened = 0;  // of both, those whose problem was built
  std::int64_t cells = 0;              // caps on the slowest optimizer that were worked on
  std::int64_t chains = 0;             // solutions of the relaxed stage chain
  std::int64_t stage_bounds = 0;       // questions asked of stages
  std::int64_t stage_searches = 0;     // questions that needed labels
  std::int64_t shortest_paths = 0;     // evaluations of prices
  std::int64_t labels_made = 0;        // partial stages looked at
  std::int64_t labels_kept = 0;        // those that went on
  std::int64_t labels_cut = 0;         // those that a bound pruned
  bool operator==(const Statistics&) const = default;
};

inline Statistics& operator+=(Statistics& sum, const Statistics& more) {
  sum.candidates += more.candidates;
  sum.members += more.members;
  sum.candidates_opened += more.candidates_opened;
  sum.cells += more.cells;
  sum.chains += more.chains;
  sum.stage_bounds += more.stage_bounds;
  sum.stage_searches += more.stage_searches;
  sum.shortest_paths += more.shortest_paths;
  sum.labels_made += more.labels_made;
  sum.labels_kept += more.labels_kept;
  sum.labels_cut += more.labels_cut;
  return sum;
}

}  // namespace galvatron::search
