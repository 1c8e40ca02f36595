#include "planner/plan/decisions_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "planner/model/model_yaml.h"
#include "planner/plan/structure.h"

namespace galvatron {
namespace {

// Far above any cluster or batch, far below where products of two of them overflow.
constexpr int kMostCounted = 1 << 20;
constexpr Range kCounts = between(1, kMostCounted);
constexpr Range kBatches = between(1, 1 << 24);

bool is_list(const Node* node) { return node != nullptr && node->kind == Node::Kind::sequence; }

struct RunReading {
  MapReader reader;
  LayerRun run;
};

struct StageReading {
  MapReader reader;
  int first_device = 0;
  int last_device = 0;
  std::vector<RunReading> runs;
};

void read_job(MapReader& reader, Plan& plan) {
  plan.job.global_batch = reader.required<std::int64_t>("global_batch", kBatches);
  plan.micro_batches = reader.required<std::int64_t>("micro_batches", kBatches);
  plan.schedule = reader.required("schedule", kScheduleNames);
  plan.job.precision = reader.required("precision", kPrecisionNames);
  plan.job.clip_grad_norm = reader.optional<double>("clip_grad_norm", greater_than(0));
  plan.job.dropout = reader.required<bool>("dropout");
  const PricedOnly absent;
  plan.priced_only = {
      .virtual_stages =
          reader.optional<int>("virtual_stages", kCounts).value_or(absent.virtual_stages),
      .context = reader.optional<int>("context", kCounts).value_or(absent.context),
      .shard_group = reader.optional<int>("shard_group", kCounts).value_or(absent.shard_group)};
}

// Two numbers that name the ends of a range, both of them included.
std::pair<int, int> read_ends(MapReader& reader, std::string_view key) {
  const std::vector<int> ends = reader.required_list<int>(key, between(0, kMostCounted));
  if (ends.size() == 2 && ends[0] <= ends[1]) return {ends[0], ends[1]};
  if (is_list(reader.value(key))) reader.refuse(key, "must be [FIRST, LAST]");
  return {};
}

LayerRun read_run(MapReader& reader) {
  LayerRun run;
  std::tie(run.first_layer, run.last_layer) = read_ends(reader, "layers");
  run.strategy = {.tensor = reader.required<int>("tensor", kCounts),
                  .data = reader.required<int>("data", kCounts),
                  .order = reader.required("order", kOrderNames),
                  .zero = reader.required("zero", kZeroNames),
                  .sequence_parallel = reader.required<bool>("sequence_parallel"),
                  .recompute = reader.required("recompute", kRecomputeNames)};
  return run;
}

StageReading read_stage(const MapReader& reader) {
  StageReading stage{.reader = reader, .first_device = 0, .last_device = 0, .runs = {}};
  std::tie(stage.first_device, stage.last_device) = read_ends(stage.reader, "devices");
  for (MapReader& run : stage.reader.required_maps("runs")) {
    const LayerRun values = read_run(run);
    stage.runs.push_back({.reader = run, .run = values});
  }
  if (stage.runs.empty() && is_list(stage.reader.value("runs"))) {
    stage.reader.refuse("runs", "must hold at least one run of layers");
  }
  return stage;
}

// What is wrong with a run that does not begin at layer `next`.
std::string misplaced(const LayerRun& run, int next) {
  if (run.first_layer > next) {
    return fmt::format("leave out {}", layers_text(next, run.first_layer - 1));
  }
  const int last = std::min(next - 1, run.last_layer);
  return fmt::format("hold {} twice", layers_text(run.first_layer, last));
}

// Each run begins behind the one before it, also over the ends of stages.
void add_layers(std::vector<StageReading>& stages, Plan& plan) {
  int next = 0;
  for (StageReading& stage : stages) {
    const int first = next;
    for (auto& [reader, run] : stage.runs) {
      if (run.first_layer != next) {
        reader.refuse("layers", misplaced(run, next));
      } else {
        const auto count = static_cast<std::size_t>(run.last_layer - run.first_layer + 1);
        plan.strategies.insert(plan.strategies.end(), count, run.strategy);
      }
      next = std::max(next, run.last_layer + 1);
    }
    plan.stages.push_back({.first_layer = first, .last_layer = next - 1});
  }
}

// Stage i takes devices [i D, (i+1) D); the file says so for those who read it.
void check_devices(std::vector<StageReading>& stages, const Plan& plan) {
  const int devices = devices_per_stage(plan);
  int first = 0;
  for (StageReading& stage : stages) {
    const int last = first + devices - 1;
    if (stage.first_device != first || stage.last_device != last) {
      stage.reader.refuse("devices", fmt::format("must be [{}, {}], got [{}, {}]", first, last,
                                                 stage.first_device, stage.last_device));
    }
    first += devices;
  }
}

// Puts a problem where the file says what is wrong.
class ProblemPlaces {
 public:
  ProblemPlaces(MapReader& plan, MapReader& job, std::vector<StageReading>& stages)
      : plan_(plan), job_(job), stages_(stages) {}

  void refuse(const StructureProblem& problem) {
    reader_of(problem).refuse(problem.key, problem.message);
  }

 private:
  MapReader& reader_of(const StructureProblem& problem) {
    switch (problem.place) {
      case StructureProblem::Place::plan:
        return plan_;
      case StructureProblem::Place::job:
        return job_;
      case StructureProblem::Place::stage:
        return stages_[static_cast<std::size_t>(problem.first)].reader;
      case StructureProblem::Place::layers:
        for (StageReading& stage : stages_) {
          for (RunReading& run : stage.runs) {
            if (problem.first <= run.run.last_layer) return run.reader;
          }
        }
    }
    return plan_;
  }

  MapReader& plan_;
  MapReader& job_;
  std::vector<StageReading>& stages_;
};

void check_plan(ProblemPlaces& places, std::vector<StageReading>& stages, const Plan& plan) {
  for (const StructureProblem& problem : check_structure(plan, build_layer_graph(plan.model))) {
    places.refuse(problem);
  }
  if (!stages.empty() && plan.devices % pipeline_degree(plan) == 0) check_devices(stages, plan);
}

}  // namespace

void read_decisions(MapReader& reader, Plan& plan) {
  MapReader model = reader.required_map("model");
  plan.model = read_model_yaml(model);
  MapReader job = reader.required_map("job");
  read_job(job, plan);
  plan.devices = reader.required<int>("devices", kCounts);
  std::vector<StageReading> stages;
  for (const MapReader& stage : reader.required_maps("stages")) {
    stages.push_back(read_stage(stage));
  }
  if (!reader.has_errors()) add_layers(stages, plan);
  if (!reader.has_errors()) {
    ProblemPlaces places(reader, job, stages);
    check_plan(places, stages, plan);
  }
  job.finish();
  for (const StageReading& stage : stages) {
    stage.reader.finish();
    for (const RunReading& run : stage.runs) run.reader.finish();
  }
}

}  // namespace galvatron
