#include "test/executor/families/family_rows.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace galvatron {
namespace {

constexpr auto k1F1B = Schedule::one_f_one_b;
constexpr auto kGPipe = Schedule::gpipe;
constexpr auto kBert = FamilyModel::bert;
constexpr auto kPairs = FamilyModel::bert_pairs;
constexpr auto kVit = FamilyModel::vit;
constexpr auto kT5 = FamilyModel::t5;
constexpr auto kGatedT5 = FamilyModel::t5_gated;
constexpr auto kSwin = FamilyModel::swin;

// Devices, layers of each stage, micro-batches, schedule.
struct Shape {
  int devices = 1;
  std::vector<int> stage_layers;
  std::int64_t micro_batches = 1;
  Schedule schedule = k1F1B;
};

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  return parts;
}

// `blocks`: stages between bars, what the blocks of a stage take in turn between commas; "-" is a
// stage without blocks.
PlanRow row(const std::string& name, const Shape& shape, const std::string& ends,
            const std::string& blocks) {
  PlanRow row{.name = name,
              .devices = shape.devices,
              .stage_layers = shape.stage_layers,
              .micro_batches = shape.micro_batches,
              .schedule = shape.schedule,
              .ends = ends,
              .blocks = {}};
  for (const std::string& stage : split(blocks, " | ")) {
    row.blocks.push_back(stage == "-" ? std::vector<std::string>{} : split(stage, ", "));
  }
  return row;
}

// Rows of several families.
struct Shared {
  PlanRow zero_1_and_2 = row("data 2, zero 1 and 2", {2, {8}, 2, kGPipe}, "z1", "z1, z2 selective");
  PlanRow tensor_2 = row("tensor 2", {2, {8}, 1, k1F1B}, "t2", "t2, t2 selective, t2 full");
  PlanRow data_8 = row("data 8, zero 3", {8, {8}, 2, k1F1B}, "z3", "z3, z3 full");
  PlanRow three_axes = row("pipeline 2 x 2 x 2", {8, {5, 3}, 4, k1F1B}, "t2 z1 di",
                           "t2 z2 sp di, t4, t2 z3 full | t4 sp full, t1 z1");
  PlanRow split_tokens = row("tensor 2, sequence parallel", {2, {8}, 2, k1F1B}, "t2 sp",
                             "t2 sp, t2 sp selective, t2 sp full");
  PlanRow zero_3_beside_tensor_2 =
      row("zero 3 beside tensor 2", {4, {8}, 2, k1F1B}, "t2 z3 sp", "z3, t2 sp z1, z2 full");
  PlanRow tensor_4 = row("tensor 4, sequence parallel", {4, {8}, 1, k1F1B}, "t4 sp full",
                         "t4 sp selective, t4 full, t4 sp");
  PlanRow pipeline_and_tensor =
      row("pipeline 2 x tensor 2", {4, {2, 6}, 4, k1F1B}, "t2 sp", "t2 sp | t2 sp full, z1");
  PlanRow pipeline_4 =
      row("pipeline 4", {4, {1, 3, 3, 1}, 8, kGPipe}, "", "- | t1, selective | full | -");
};

std::vector<FamilyRow> encoder_rows(const Shared& shared) {
  return {
      {kBert, shared.zero_1_and_2},
      {kBert, shared.tensor_2},
      {kPairs, shared.split_tokens},
      {kPairs, shared.zero_3_beside_tensor_2},
      {kBert, shared.tensor_4},
      {kBert, shared.pipeline_and_tensor},
      {kPairs, shared.pipeline_4},
      {kBert, shared.data_8},
      {kPairs, row("tensor 8", {8, {8}, 2, kGPipe}, "t8 sp", "t8 selective, t8 sp, t8 full")},
      {kBert, shared.three_axes},
      {kVit, shared.zero_1_and_2},
      {kVit, shared.tensor_2},
      {kVit, shared.split_tokens},
      {kVit, shared.zero_3_beside_tensor_2},
      {kVit, shared.tensor_4},
      {kVit, shared.pipeline_and_tensor},
      {kVit, shared.pipeline_4},
      {kVit, shared.data_8},
      {kVit, row("tensor 8", {8, {8}, 1, kGPipe}, "t8 sp", "t8 selective, t8 sp, t8 full")},
      {kVit, shared.three_axes},
  };
}

// Of the blocks the first two are the encoder's, the third the bridge, which uses the table of both
// ends.
std::vector<FamilyRow> t5_rows(const Shared& shared) {
  return {
      {kT5, row("data 2, zero 1 and 2", {2, {8}, 2, kGPipe}, "z1",
                "z1, z2 selective, z1, z2, z1 selective, z1 full")},
      {kT5, row("tensor 2", {2, {8}, 1, k1F1B}, "t2",
                "t2, t2 selective, t2 full, t2, t2 selective, t2 full")},
      {kGatedT5, row("tensor 2, sequence parallel", {2, {8}, 2, k1F1B}, "t2",
                     "t2 sp, t2 sp full, t2 selective, t2, t2 full, t2 selective")},
      {kT5, row("zero 3 beside tensor 2", {4, {8}, 2, k1F1B}, "t2 z3",
                "z3, t2 sp z1, t2 z3 full, z2 full, t2 z3 selective, t4")},
      {kGatedT5, row("cut in the encoder", {4, {2, 6}, 4, k1F1B}, "t2",
                     "t2 sp | t2 sp full, t2, z1, t2 selective, t2 full")},
      {kT5, row("cut behind the bridge", {4, {4, 4}, 4, kGPipe}, "t2",
                "t2 sp selective, z1, t2 full | t2, z3, t2 full")},
      {kT5, row("table at unequal distances", {4, {2, 2, 2, 2}, 8, k1F1B}, "",
                "t1 | selective, t1 | full | t1")},
      {kGatedT5, shared.data_8},
      {kT5, row("tensor 8", {8, {8}, 2, kGPipe}, "t8",
                "t8 sp selective, t8 sp full, t8, t8 selective, t8 full, t8")},
      {kT5, row("pipeline 2 x 2 x 2", {8, {6, 2}, 4, k1F1B}, "t2 z1 di",
                "t2 z2 sp di, t4 sp, t2 z1 di full, t2 z3 full, t4 selective | z1 full")},
      {kGatedT5, row("pipeline 4 x 2", {8, {1, 2, 3, 2}, 4, kGPipe}, "z1",
                     "- | t2 sp, z2 | z1 selective, t2, z3 full | z1")},
  };
}

std::vector<FamilyRow> swin_rows(const Shared& shared) {
  return {
      {kSwin, shared.zero_1_and_2},
      {kSwin, shared.tensor_2},
      {kSwin, row("tensor 2, sequence parallel", {2, {8}, 2, k1F1B}, "t2",
                  "t2 sp, t2 sp selective, t2 full, t2 sp full, t2 sp, t2 sp selective")},
      {kSwin, row("pipeline 2, cut before the merging", {2, {3, 5}, 4, k1F1B}, "",
                  "selective | full, t1")},
      {kSwin, row("zero 3 beside tensor 2", {4, {8}, 2, k1F1B}, "t2 z3", "z3, t2 sp z1, z2 full")},
      {kSwin, row("tensor 4, sequence parallel", {4, {8}, 1, k1F1B}, "t4 full",
                  "t4 sp selective, t4 sp full, t4")},
      {kSwin, row("pipeline 2 x tensor 2, cut inside a depth", {4, {2, 6}, 4, k1F1B}, "t2",
                  "t2 sp | t2 sp full, z1")},
      {kSwin, row("pipeline 4, cut behind the merging", {4, {1, 3, 3, 1}, 8, kGPipe}, "",
                  "- | t1, selective | full | -")},
      {kSwin, shared.data_8},
      {kSwin, row("tensor 8", {8, {8}, 2, kGPipe}, "t8", "t8 selective, t8 sp, t8 full")},
      {kSwin, shared.three_axes},
  };
}

}  // namespace

const std::vector<FamilyRow>& family_rows() {
  static const std::vector<FamilyRow> rows = [] {
    const Shared shared;
    std::vector<FamilyRow> all;
    for (auto& some : {encoder_rows(shared), t5_rows(shared), swin_rows(shared)}) {
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }();
  return rows;
}

Plan plan_of(FamilyModel model, const PlanRow& row) {
  Plan plan = make_plan(row);
  plan.model = family_model(model);
  plan.job.clip_grad_norm = 0.5;
  return plan;
}

Plan one_process(FamilyModel model) {
  return plan_of(model, {.name = "one process", .stage_layers = {kTinyLayers}, .blocks = {{""}}});
}

const std::vector<FamilyRun>& family_runs() {
  static const std::vector<FamilyRun> runs = [] {
    std::vector<FamilyRun> made;
    for (const auto& [model, plan] : family_rows())
      made.push_back(run_family(plan_of(model, plan)));
    return made;
  }();
  return runs;
}

}  // namespace galvatron
