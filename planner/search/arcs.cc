#include "planner/search/arcs.h"

#include <utility>

namespace galvatron::search {

Arcs all_arcs(const StageCatalog& catalog) {
  const int stages = catalog.stages(), layers = catalog.layers();
  Arcs arcs(static_cast<std::size_t>(stages));
  for (int stage = 0; stage < stages; ++stage) {
    const int last_begin = stage == 0 ? 0 : layers - (stages - stage);
    for (int begin = stage; begin <= last_begin; ++begin) {
      const bool is_last = stage + 1 == stages;
      const int first_end = is_last ? layers : begin + 1;
      for (int end = first_end; end <= layers - (stages - 1 - stage); ++end) {
        if (!may_hold(catalog.problem(), stage, begin, end)) continue;
        arcs[static_cast<std::size_t>(stage)].push_back(
            {.begin = begin, .end = end, .key = catalog.keys().key(begin, end)});
      }
    }
  }
  return arcs;
}

SharedArcs allowed_arcs(const Problem& problem, const SharedArcs& arcs) {
  if (!arcs || (problem.bonds.empty() && problem.stage_begin.empty())) return arcs;
  Arcs allowed = *arcs;
  for (std::size_t stage = 0; stage < allowed.size(); ++stage) {
    std::erase_if(allowed[stage], [&](const Arc& arc) {
      return !may_hold(problem, static_cast<int>(stage), arc.begin, arc.end);
    });
  }
  return std::make_shared<const Arcs>(std::move(allowed));
}

}  // namespace galvatron::search
