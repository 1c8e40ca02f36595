#include "executor/train/meetings.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "planner/plan/placement.h"
#include "planner/schedule/channel.h"

namespace galvatron {
namespace {

using Meeting = std::pair<Channel, int>;  // which of the channel's

// Which meeting each activity belongs to.
std::vector<std::optional<Meeting>> meetings_of(const std::vector<Activity>& timeline,
                                                const std::vector<RankProgram>& programs) {
  std::map<std::tuple<int, Channel, Part>, int> numbers;
  std::vector<std::optional<Meeting>> meetings;
  for (const Activity& activity : timeline) {
    const Op& op =
        programs[static_cast<std::size_t>(activity.stage)][static_cast<std::size_t>(activity.op)];
    meetings.emplace_back();
    if (!is_transfer(op) && !sums_over_stages(op)) continue;
    const Part part = op.part == Part::wait ? Part::wait : Part::start;
    const Channel channel = channel_of(op);
    meetings.back() = Meeting{channel, numbers[{activity.stage, channel, part}]++};
  }
  return meetings;
}

}  // namespace

std::vector<Activity> without_waits(std::vector<Activity> timeline, const Plan& plan,
                                    const LayerGraph& graph) {
  std::vector<RankProgram> programs;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    programs.push_back(build_rank_program(plan, graph, first_rank(plan, stage)));
  }
  const std::vector<std::optional<Meeting>> meetings = meetings_of(timeline, programs);
  std::map<Meeting, std::map<int, Seconds>> came;  // by stage
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    if (meetings[i]) came[*meetings[i]].emplace(timeline[i].stage, timeline[i].begin);
  }
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    if (!meetings[i]) continue;
    Activity& activity = timeline[i];
    for (const auto& [stage, begin] : came.at(*meetings[i])) {
      activity.begin = std::min(activity.end, std::max(activity.begin, begin));
    }
  }
  return timeline;
}

}  // namespace galvatron
