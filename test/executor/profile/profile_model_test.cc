#include "executor/profile/profile_model.h"

#include "cost_models/memory.h"
#include "executor/launch/exit_code.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/profile_match.h"
#include "test/catch.h"

namespace galvatron {
namespace {

Model deep_gpt2() {
  return {.name = "deep",
          .sequence_length = 16,
          .config = Gpt2Config{.vocabulary = 40,
                               .positions = 16,
                               .hidden = 32,
                               .layers = 50,
                               .heads = 2,
                               .mlp_width = 64,
                               .attention_dropout = 0}};
}

ModelProfileRequest request(const Model& model) {
  return {.model = model,
          .tensor_degrees = usual_tensor_degrees(model),
          .micro_batches = {1, 2},
          .budget = {0.01}};
}

const ProfiledLayer& layer_of(const ModelProfile& profile, std::string_view type, int tensor) {
  for (const ProfiledLayer& layer : profile.layers) {
    if (layer.type == type && layer.tensor == tensor && !layer.sequence_parallel) return layer;
  }
  throw std::logic_error("not measured");
}

TEST_CASE("the usual degrees are those that the model's heads allow") {
  CHECK(usual_tensor_degrees(deep_gpt2()) == std::vector{1, 2});
}

TEST_CASE("every layer type of a model is measured at every degree and batch") {
  const Model model = deep_gpt2();
  const LayerGraph graph = build_layer_graph(model);
  std::int64_t points = 0;
  const ModelProfile profile =
      profile_model(request(model), {.progress = [&](std::int64_t done, std::int64_t all,
                                                     Seconds) { points = done == all ? all : 0; },
                                     .warn = {}});
  CHECK(points == 6);  // two batches of: one rank, two ranks, two with sequence parallelism
  CHECK(profile_mismatch(profile, {.graph = graph}) == ProfileMismatch{});
  for (const Layer& type : graph.types) {
    const ProfiledLayer& layer = layer_of(profile, type.type, 2);
    CHECK(layer.samples == std::vector<std::int64_t>{1, 2});
    CHECK(covers(layer.forward, 2));
    CHECK(covers(layer.backward, 2));
  }
}

TEST_CASE("a measured block keeps the bytes that the memory model says") {
  const Model model = deep_gpt2();
  const LayerGraph graph = build_layer_graph(model);
  const ModelProfile profile = profile_model(request(model), {});
  const Layer& block = graph.types[1];
  const LayerMemory memory = layer_memory(block, {.strategy = {}, .group_tokens = 2 * 16});
  // The block's input is counted by the layer that made it, its own output by itself: of blocks
  // in a row both are as large.
  CHECK(layer_of(profile, block.type, 1).saved.at(1) == memory.saved);
}

TEST_CASE("a model that this program has no blocks for is refused by its layer type") {
  Model user{.name = "user", .sequence_length = 8, .config = UserModel{}};
  Layer layer = build_layer_graph(deep_gpt2()).types[0];
  layer.type = "mine";
  user.config = UserModel{.layers = {layer}, .runs = {{"mine", 1}}};
  ModelProfileRequest asked{.model = user, .tensor_degrees = {1}, .micro_batches = {1}};
  CHECK_THROWS_AS(profile_model(asked, {}), ExecutorError);
}

}  // namespace
}  // namespace galvatron
