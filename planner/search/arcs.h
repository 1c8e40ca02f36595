// Ways to cut a chain of layers into stages.
#pragma once

#include <memory>
#include <vector>

#include "planner/search/stage_catalog.h"

namespace galvatron::search {

// Layers [begin, end) as a stage, and their key.
struct Arc {
  int begin = 0;
  int end = 0;
  int key = 0;
};
using Arcs = std::vector<std::vector<Arc>>;  // [stage], by begin and then by end
using SharedArcs = std::shared_ptr<const Arcs>;

// Every arc that the problem allows.
Arcs all_arcs(const StageCatalog& catalog);

// Those of a relaxation, of the same layers and stages, that the problem allows: it may have bonds
// of its own.
SharedArcs allowed_arcs(const Problem& problem, const SharedArcs& arcs);

}  // namespace galvatron::search
