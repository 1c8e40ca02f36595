#include "planner/schedule/simulator.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "planner/schedule/channel.h"
#include "planner/schedule/stage_clock.h"

namespace galvatron {
namespace {

// Per operation: for a wait the operation that started it, none if nothing did.
std::vector<std::optional<int>> starts_of_waits(const RankProgram& program) {
  std::map<std::tuple<OpKind, Direction, int, int, std::int64_t>, int> under_way;
  std::vector<std::optional<int>> starts(program.size());
  for (std::size_t index = 0; index < program.size(); ++index) {
    const Op& op = program[index];
    const std::tuple key(op.kind, op.direction, op.layer, op.unit, op.micro_batch);
    if (op.part == Part::start) under_way[key] = static_cast<int>(index);
    if (op.part != Part::wait) continue;
    if (const auto found = under_way.find(key); found != under_way.end()) {
      starts[index] = found->second;
      under_way.erase(found);
    }
  }
  return starts;
}

bool is_started_send(const Op& op) { return op.kind == OpKind::send && op.part == Part::start; }

// A transfer or a sum over stages: it begins when everybody who takes part is there.
struct Meeting {
  int absent = 0;
  Seconds begin{};
  std::optional<Seconds> end;
};

// Which of a channel's meetings.
using MeetingName = std::pair<Channel, std::int64_t>;

struct StageRun {
  const TimedProgram& program;
  std::vector<std::optional<int>> starts;
  StageClock clock;
  int next = 0;                          // operation
  std::vector<int> numbers;              // on the data stream, per operation; -1: not there
  std::map<Channel, std::int64_t> sums;  // how many sums over stages this one has come to
  std::map<int, MeetingName> attended;   // by operation
  std::vector<Activity> activities;
  std::vector<Seconds> passed;  // per operation
};

class Simulation {
 public:
  Simulation(const std::vector<TimedProgram>& stages, const OverlapRule& rule);
  std::variant<SimulatedStep, Deadlock> run() &&;

 private:
  // Each returns false where the stage has to wait for another one to come further first.
  bool advance(StageRun& stage);
  bool wait_for_start(StageRun& stage, int start);
  bool wait_for_meeting(StageRun& stage, int op);

  void start(StageRun& stage, const Op& op);
  void attend(StageRun& stage, const Op& op);
  int attendants(const Op& op, const Channel& channel) const;
  Seconds lost_beside_send(Seconds duration) const;
  void record(StageRun& stage, int op, const StageClock::Span& span) const;
  SimulatedStep finished_step();

  OverlapRule rule_;
  std::vector<StageRun> stages_;
  std::map<MeetingName, Meeting> meetings_;
  std::map<Channel, Seconds> free_from_;
  std::map<Channel, std::set<int>> stages_of_sums_;
};

Simulation::Simulation(const std::vector<TimedProgram>& stages, const OverlapRule& rule)
    : rule_(rule) {
  for (const TimedProgram& program : stages) {
    stages_.push_back({.program = program,
                       .starts = starts_of_waits(program.ops),
                       .clock = {},
                       .numbers = std::vector<int>(program.ops.size(), -1),
                       .sums = {},
                       .attended = {},
                       .activities = {},
                       .passed = {}});
    for (const Op& op : program.ops) {
      if (!sums_over_stages(op)) continue;
      stages_of_sums_[channel_of(op)].insert(static_cast<int>(stages_.size()));
    }
  }
}

std::variant<SimulatedStep, Deadlock> Simulation::run() && {
  bool progress = true;
  while (progress) {
    progress = false;
    for (StageRun& stage : stages_) {
      while (advance(stage)) progress = true;
    }
  }
  Deadlock deadlock;
  for (std::size_t index = 0; index < stages_.size(); ++index) {
    if (stages_[index].next == static_cast<int>(stages_[index].program.ops.size())) continue;
    deadlock.waiting.push_back({.stage = static_cast<int>(index), .op = stages_[index].next});
  }
  if (!deadlock.waiting.empty()) return deadlock;
  return finished_step();
}

bool Simulation::advance(StageRun& stage) {
  if (stage.next == static_cast<int>(stage.program.ops.size())) return false;
  const auto index = static_cast<std::size_t>(stage.next);
  const Op& op = stage.program.ops[index];
  if (op.part == Part::wait) {
    if (!stage.starts[index] || !wait_for_start(stage, *stage.starts[index])) return false;
  } else {
    start(stage, op);
    if (op.part == Part::whole && !wait_for_start(stage, stage.next)) return false;
  }
  ++stage.next;
  stage.passed.push_back(stage.clock.now());
  return true;
}

// A stage that is held up comes here again: what has been started stays started.
void Simulation::start(StageRun& stage, const Op& op) {
  const auto index = static_cast<std::size_t>(stage.next);
  const Seconds duration = stage.program.durations[index];
  if (is_transfer(op) || sums_over_stages(op)) {
    attend(stage, op);
    if (is_started_send(op)) stage.clock.idle_until(stage.clock.now() + lost_beside_send(duration));
    return;
  }
  const Seconds begin = stage.clock.now();
  switch (op.stream) {
    case StreamName::compute:
      stage.clock.compute(duration);
      break;
    case StreamName::tensor:
    case StreamName::pipeline:
      stage.clock.idle_until(begin + duration);
      break;
    case StreamName::data:
      stage.numbers[index] = stage.clock.enqueue(
          {.time = duration, .slowdowns = slowdowns_beside(rule_.overlap, op.collective)});
      if (rule_.data_stream == Traffic::blocking) stage.clock.drain(stage.numbers[index]);
      return;
  }
  if (duration.value > 0) record(stage, stage.next, {begin, stage.clock.now()});
}

void Simulation::attend(StageRun& stage, const Op& op) {
  if (stage.attended.contains(stage.next)) return;
  const Seconds duration = stage.program.durations[static_cast<std::size_t>(stage.next)];
  const Channel channel = channel_of(op);
  const MeetingName name(channel, is_transfer(op) ? op.micro_batch : stage.sums[channel]++);
  Meeting& meeting =
      meetings_.try_emplace(name, Meeting{.absent = attendants(op, channel), .end = {}})
          .first->second;
  stage.attended.emplace(stage.next, name);
  meeting.begin = std::max(meeting.begin, stage.clock.now());
  if (--meeting.absent > 0) return;
  meeting.begin = std::max(meeting.begin, free_from_[channel]);
  meeting.end = meeting.begin + duration;
  free_from_[channel] = *meeting.end;
}

// One rank stands for each stage, however many of it are in the group.
int Simulation::attendants(const Op& op, const Channel& channel) const {
  return is_transfer(op) ? op.group.size : static_cast<int>(stages_of_sums_.at(channel).size());
}

// When a send will move is known only once its receiver is there, so that what it takes from the
// computation beside it is taken as it is started. A rank that waits then loses nothing by it.
Seconds Simulation::lost_beside_send(Seconds duration) const {
  return lost_time(
      {.time = duration, .slowdowns = slowdowns_beside(rule_.overlap, CollectiveKind::send)});
}

bool Simulation::wait_for_start(StageRun& stage, int start) {
  const auto index = static_cast<std::size_t>(start);
  if (stage.attended.contains(start)) return wait_for_meeting(stage, start);
  if (stage.numbers[index] >= 0) stage.clock.drain(stage.numbers[index]);
  return true;
}

bool Simulation::wait_for_meeting(StageRun& stage, int op) {
  const Meeting& meeting = meetings_.at(stage.attended.at(op));
  if (!meeting.end) return false;
  // A norm takes each stage as long as its own gradients do.
  const Seconds end = meeting.begin + stage.program.durations[static_cast<std::size_t>(op)];
  stage.clock.idle_until(end);
  record(stage, op, {meeting.begin, end});
  return true;
}

void Simulation::record(StageRun& stage, int op, const StageClock::Span& span) const {
  stage.activities.push_back({.stage = static_cast<int>(&stage - stages_.data()),
                              .stream = stage.program.ops[static_cast<std::size_t>(op)].stream,
                              .op = op,
                              .begin = span.begin,
                              .end = span.end});
}

SimulatedStep Simulation::finished_step() {
  SimulatedStep result;
  for (StageRun& stage : stages_) {
    for (std::size_t op = 0; op < stage.numbers.size(); ++op) {
      if (stage.numbers[op] < 0) continue;
      stage.clock.drain(stage.numbers[op]);
      record(stage, static_cast<int>(op), stage.clock.span(stage.numbers[op]));
    }
    result.step = std::max(result.step, stage.clock.now());
    std::sort(stage.activities.begin(), stage.activities.end(),
              [](const Activity& a, const Activity& b) { return a.op < b.op; });
    result.timeline.insert(result.timeline.end(), stage.activities.begin(), stage.activities.end());
    result.passed.push_back(std::move(stage.passed));
  }
  return result;
}

}  // namespace

std::variant<SimulatedStep, Deadlock> simulate_programs(const std::vector<TimedProgram>& stages,
                                                        const OverlapRule& rule) {
  return Simulation(stages, rule).run();
}

}  // namespace galvatron
