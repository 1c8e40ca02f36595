// What a published profile makes of the command line: its space and constants are fixed, so that
// `plan` and `sweep` take less with it.
#pragma once

#include "planner/cli/arguments.h"
#include "planner/cli/search_arguments.h"
#include "planner/model/layer_graph.h"
#include "planner/search/published_search.h"

namespace galvatron {

struct PublishedArguments {
  const InputArguments& inputs;
  const SearchArguments& search;
};

// The search options of such a plan: the restrictions and gap 0. Throws UsageError for arguments
// that the published cost model has nothing to say about.
SearchOptions published_options(const PublishedArguments& arguments, const Hardware& hardware);

// Requires inputs with published_options, which must outlive the request. Throws UsageError for
// batches and restrictions outside the published space, SpecError for a model that the profile has
// no constants for.
PublishedRequest published_request(const PublishedArguments& arguments,
                                   const PlanningInputs& inputs, const LayerGraph& graph);

// The plan in full, with its price and certificate.
struct PublishedSubject {
  const Model& model;
  const LayerGraph& graph;
  const PlanInputs& inputs;
};
Plan priced_plan(const PublishedSubject& subject, const PublishedRequest& request,
                 const PublishedPlan& plan);

}  // namespace galvatron
