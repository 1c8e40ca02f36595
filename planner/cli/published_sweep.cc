#include "planner/cli/published_sweep.h"

#include <memory>
#include <utility>

#include "planner/cli/published_inputs.h"

namespace galvatron {
namespace {

SearchOutcome search_point(const PublishedRequest& published, const SearchRequest& request) {
  PublishedRequest point = published;
  point.global_batches = request.global_batches;
  point.memory_budget = request.inputs.memory_budget;
  const PublishedOutcome found = search_published(point);
  SearchOutcome outcome{.statistics = {.pairs = found.pairs}};
  for (const PublishedShortfall& shortfall : found.shortfalls) {
    outcome.shortfalls.push_back(
        {.pipeline = shortfall.pipeline, .stage = shortfall.stage, .least = shortfall.least});
  }
  if (found.best) {
    const LayerGraph graph = build_layer_graph(request.model);
    outcome.plan = priced_plan({request.model, graph, request.inputs}, point, *found.best);
  }
  return outcome;
}

}  // namespace

PublishedPoints published_points(const PublishedSweepArguments& arguments, PlanningInputs inputs) {
  const PublishedArguments given{arguments.inputs, arguments.search};
  inputs.global_batches = arguments.global_batches;
  inputs.inputs.search = published_options(given, inputs.inputs.hardware);
  // The request refers to the constants of these inputs.
  const auto kept = std::make_shared<const PlanningInputs>(std::move(inputs));
  const PublishedRequest published =
      published_request(given, *kept, build_layer_graph(kept->model));
  return {.options = kept->inputs.search,
          .search = [kept, published](const SearchRequest& request, const SearchControl&) {
            return search_point(published, request);
          }};
}

}  // namespace galvatron
