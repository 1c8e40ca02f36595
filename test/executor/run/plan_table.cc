#include "test/executor/run/plan_table.h"

#include <sstream>

namespace galvatron {
namespace {

constexpr auto k1F1B = Schedule::one_f_one_b;
constexpr auto kGPipe = Schedule::gpipe;
constexpr auto kGpt2 = TinyModel::gpt2;
constexpr auto kLlama = TinyModel::llama;

Strategy parse_strategy(const std::string& text, int devices) {
  Strategy strategy;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word[0] == 't') strategy.tensor = std::stoi(word.substr(1));
    if (word[0] == 'z') strategy.zero = static_cast<Zero>(std::stoi(word.substr(1)));
    if (word == "sp") strategy.sequence_parallel = true;
    if (word == "di") strategy.order = Order::data_inner;
    if (word == "full") strategy.recompute = Recompute::full;
    if (word == "selective") strategy.recompute = Recompute::selective;
  }
  strategy.data = devices / strategy.tensor;
  return strategy;
}

Job tiny_job(TinyModel model) {
  return {.global_batch = kGlobalBatch,
          .precision = Precision::fp32,
          .clip_grad_norm = model == kGpt2 ? std::optional<double>(0.5) : std::nullopt,
          .dropout = true};
}

}  // namespace

const std::vector<PlanRow>& plan_rows() {
  static const std::vector<PlanRow> rows{
      {"one rank, micro-batches", kGpt2, 1, {8}, 4, kGPipe, "", {{""}}},
      {"one rank, recomputed", kLlama, 1, {8}, 2, k1F1B, "full", {{"full", "selective"}}},
      {"data 2", kGpt2, 2, {8}, 2, kGPipe, "z1", {{"z1"}}},
      {"tensor 2", kLlama, 2, {8}, 1, k1F1B, "t2", {{"t2 full"}}},
      {"pipeline 2 on two ranks", kGpt2, 2, {3, 5}, 8, k1F1B, "", {{"selective"}, {"full", ""}}},
      {"pipeline 2 on two ranks, gpipe", kLlama, 2, {5, 3}, 4, kGPipe, "", {{""}, {""}}},
      {"zero 3 beside tensor 2", kGpt2, 2, {8}, 2, k1F1B, "z3", {{"z3", "t2 sp", "z2 full"}}},
      {"data 2, zero 3", kLlama, 2, {8}, 2, kGPipe, "z3", {{"z3", "z3 full"}}},
      {"data 4, zero 3 blocks", kGpt2, 4, {8}, 2, k1F1B, "z1", {{"z3 selective"}}},
      {"pipeline 2 x data 2, zero 3", kLlama, 4, {4, 4}, 4, k1F1B, "z3", {{"z3"}, {"z3 full"}}},
      {"2 x 2, zero 3, sequence parallel", kGpt2, 4, {8}, 1, k1F1B, "t2 z3 sp", {{"t2 z3 sp"}}},
      {"data 4, zero 1 to 3",
       kLlama,
       4,
       {8},
       2,
       kGPipe,
       "z3",
       {{"z1 selective", "z2", "z3 full", "z3 selective"}}},
      {"data 4, zero 2", kGpt2, 4, {8}, 1, k1F1B, "z2", {{"z2 selective"}}},
      {"tensor 4, sequence parallel",
       kLlama,
       4,
       {8},
       4,
       k1F1B,
       "t4 sp",
       {{"t4 sp selective", "t4 full", "t4 sp"}}},
      {"2 x 2, both orders",
       kGpt2,
       4,
       {8},
       2,
       kGPipe,
       "t2 z2 di",
       {{"t2 z1 sp di full", "t2 z2 sp", "t2 z3 di selective"}}},
      {"2 x 2, data inner", kLlama, 4, {8}, 2, k1F1B, "t2 di sp z1", {{"t2 di sp z1"}}},
      {"pipeline 2 x tensor 2", kGpt2, 4, {2, 6}, 4, k1F1B, "t2 sp", {{"t2 sp"}, {"t2 sp full"}}},
      {"pipeline 2 x zero 3",
       kLlama,
       4,
       {6, 2},
       4,
       kGPipe,
       "z3",
       {{"z3 selective", "z1 full", "z2"}, {"t2 selective"}}},
      {"pipeline 4 on four ranks",
       kGpt2,
       4,
       {1, 3, 2, 2},
       8,
       kGPipe,
       "",
       {{}, {""}, {"selective"}, {"full"}}},
      {"pipeline 3 x data 2", kLlama, 6, {2, 4, 2}, 4, k1F1B, "z1", {{"z1"}, {"t2", "z3"}, {"z2"}}},
      {"data 8, zero 3", kGpt2, 8, {8}, 2, k1F1B, "z3", {{"z3"}}},
      {"data 8, mixed", kLlama, 8, {8}, 1, k1F1B, "", {{"selective", "z1", "t8 sp", "t4 di full"}}},
      {"tensor 8", kGpt2, 8, {8}, 2, kGPipe, "t8", {{"t8 selective", "t8 sp", "t8 full"}}},
      {"tensor 8, uniform", kGpt2, 8, {8}, 1, k1F1B, "t8 sp full", {{"t8 sp full"}}},
      {"4 x 2, both orders",
       kGpt2,
       8,
       {8},
       2,
       kGPipe,
       "t4 z3 di",
       {{"t4 z3 sp", "t2 z2 di full", "t4 z1 di", "t2 z3 sp di selective"}}},
      {"4 x 2, data inner",
       kLlama,
       8,
       {8},
       1,
       k1F1B,
       "t4 z2 di selective",
       {{"t4 z2 di selective"}}},
      {"2 x 4", kLlama, 8, {8}, 2, kGPipe, "t2 z1", {{"t2 z2 sp", "t4 z1", "t1 z3", "t2 z3 full"}}},
      {"pipeline 2 x 2 x 2",
       kGpt2,
       8,
       {5, 3},
       4,
       k1F1B,
       "t2 z1 di",
       {{"t2 z2 sp di", "t4", "t2 z3 full"}, {"t4 sp full", "t1 z1"}}},
      {"pipeline 2 x 2 x 2, gpipe",
       kLlama,
       8,
       {3, 5},
       2,
       kGPipe,
       "t2 z3",
       {{"t2 z3", "t2 z1 sp"}, {"t1 z2", "t4 selective", "t2 z2 di selective"}}},
      {"pipeline 2 x data 4", kGpt2, 8, {4, 4}, 4, kGPipe, "z2", {{"z2 full"}, {"z3", "z1"}}},
      {"pipeline 4 x tensor 2",
       kLlama,
       8,
       {2, 3, 1, 2},
       8,
       k1F1B,
       "t2 sp",
       {{"t2 full"}, {"t2 selective", "t2 sp"}, {"z1"}, {"z3"}}},
      {"pipeline 4 x data 2",
       kGpt2,
       8,
       {3, 1, 3, 1},
       4,
       kGPipe,
       "z2",
       {{"z2"}, {"z2 full"}, {"t2 sp", "z3 selective"}, {}}},
      {"pipeline 4 x data 2, uniform",
       kLlama,
       8,
       {2, 2, 2, 2},
       4,
       k1F1B,
       "z3",
       {{"z3"}, {"z3"}, {"z3"}, {"z3"}}},
      {"pipeline 8",
       kGpt2,
       8,
       {1, 1, 1, 1, 1, 1, 1, 1},
       8,
       k1F1B,
       "",
       {{}, {""}, {"full"}, {"selective"}, {""}, {"full"}, {""}, {}}},
      {"pipeline 8, gpipe",
       kLlama,
       8,
       {1, 1, 1, 1, 1, 1, 1, 1},
       4,
       kGPipe,
       "",
       {{}, {""}, {""}, {""}, {""}, {""}, {""}, {}}},
  };
  return rows;
}

Model tiny_model(TinyModel model) {
  switch (model) {
    case TinyModel::gpt2:
      return {.name = "tiny-gpt2",
              .sequence_length = 32,
              .config = Gpt2Config{.vocabulary = 61,
                                   .positions = 40,
                                   .hidden = 32,
                                   .layers = 6,
                                   .heads = 8,
                                   .mlp_width = 128,
                                   .initializer_range = 0.1,
                                   .attention_dropout = 0}};
    case TinyModel::llama:
      return {.name = "tiny-llama",
              .sequence_length = 32,
              .config = LlamaConfig{.vocabulary = 50,
                                    .positions = 64,
                                    .hidden = 32,
                                    .layers = 6,
                                    .heads = 16,
                                    .key_value_heads = 8,
                                    .head_size = 4,
                                    .mlp_width = 72,
                                    .initializer_range = 0.1,
                                    .rope_scaling = {}}};
  }
  return {};
}

Plan make_plan(const PlanRow& row) {
  Plan plan{.model = tiny_model(row.model),
            .job = tiny_job(row.model),
            .devices = row.devices,
            .micro_batches = row.micro_batches,
            .schedule = row.schedule};
  const int stage_devices = row.devices / static_cast<int>(row.stage_layers.size());
  int layer = 0;
  for (std::size_t stage = 0; stage < row.stage_layers.size(); ++stage) {
    const int last = layer + row.stage_layers[stage] - 1;
    plan.stages.push_back({.first_layer = layer, .last_layer = last});
    const std::vector<std::string>& blocks = row.blocks[stage];
    for (std::size_t next = 0; layer <= last; ++layer) {
      const bool end = layer == 0 || layer == kTinyLayers - 1;
      const std::string& text = end ? row.ends : blocks[next++ % blocks.size()];
      plan.strategies.push_back(parse_strategy(text, stage_devices));
    }
  }
  return plan;
}

Plan single_process_plan(TinyModel model) {
  return make_plan({.name = "one process",
                    .model = model,
                    .stage_layers = {kTinyLayers},
                    .ends = "",
                    .blocks = {{""}}});
}

}  // namespace galvatron
