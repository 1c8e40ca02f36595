#include "executor/parameters/owned_pieces.h"

#include <map>

#include "test/catch.h"

namespace galvatron {
namespace {

// Two stages of two devices; the tables at both ends are tied, an odd vocabulary is padded.
Plan two_stage_plan(Zero zero, int tensor) {
  const Strategy strategy{.tensor = tensor, .data = 2 / tensor, .zero = zero};
  return {.model = {.name = "tiny",
                    .sequence_length = 8,
                    .config = Gpt2Config{.vocabulary = 13,
                                         .positions = 8,
                                         .hidden = 4,
                                         .layers = 2,
                                         .heads = 2,
                                         .mlp_width = 6}},
          .job = {.global_batch = 2},
          .devices = 4,
          .stages = {{.first_layer = 0, .last_layer = 1}, {.first_layer = 2, .last_layer = 3}},
          .strategies = std::vector<Strategy>(4, strategy)};
}

void check_each_element_is_owned_once(const Plan& plan) {
  const LayerGraph graph = build_layer_graph(plan.model);
  std::map<std::string, std::vector<int>> owners;
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    for (const Parameter& parameter : layer_at(graph, layer).parameters) {
      owners[parameter_name(graph, layer, parameter)].resize(
          static_cast<std::size_t>(element_count(parameter.shape)));
    }
  }
  for (int rank = 0; rank < plan.devices; ++rank) {
    for (const OwnedPiece& piece : owned_pieces(plan, graph, rank)) {
      const Layer& layer = layer_at(graph, piece.layer);
      const Parameter& parameter = layer.parameters[static_cast<std::size_t>(piece.parameter)];
      std::vector<int>& of_parameter = owners[parameter_name(graph, piece.layer, parameter)];
      for (const ElementRange& range : piece.elements) {
        for (std::int64_t i = range.begin; i < range.end; ++i) {
          ++of_parameter[static_cast<std::size_t>(i)];
        }
      }
    }
  }
  for (const auto& [name, counts] : owners) {
    INFO(name);
    CHECK(counts == std::vector<int>(counts.size(), 1));
  }
}

TEST_CASE("every element of a model has one owner, whatever is sharded") {
  check_each_element_is_owned_once(two_stage_plan(Zero::none, 1));
  check_each_element_is_owned_once(two_stage_plan(Zero::optimizer, 1));
  check_each_element_is_owned_once(two_stage_plan(Zero::parameters, 1));
  check_each_element_is_owned_once(two_stage_plan(Zero::none, 2));
}

}  // namespace
}  // namespace galvatron
