#include "planner/search/layout_classes.h"

#include <algorithm>
#include <cstddef>

namespace galvatron::search {
namespace {

using Layouts = std::vector<int>;  // rising

void add_all(Layouts& layouts, const Layouts& more) {
  layouts.insert(layouts.end(), more.begin(), more.end());
  std::sort(layouts.begin(), layouts.end());
  layouts.erase(std::unique(layouts.begin(), layouts.end()), layouts.end());
}

bool has(const Layouts& layouts, int layout) {
  return std::binary_search(layouts.begin(), layouts.end(), layout);
}

// Between which layouts neighbours ask a table for tolls.
struct Asked {
  const SwitchTable* table = nullptr;
  Layouts from{};
  Layouts to{};
};

// All that is asked of the layouts.
struct Uses {
  std::vector<Layouts> of_type{};  // those that its options have
  std::vector<Asked> asked{};      // [switch table]
};

Uses uses_of(const Problem& problem) {
  Uses uses;
  for (const LayerType& type : problem.types) {
    Layouts layouts;
    for (const Option& option : type.options) layouts.push_back(option.layout);
    add_all(uses.of_type.emplace_back(), layouts);
  }
  for (const SwitchTable& table : problem.switches) uses.asked.push_back({.table = &table});
  for (std::size_t layer = 0; layer + 1 < problem.layers.size(); ++layer) {
    const int type = problem.layers[layer], next = problem.layers[layer + 1];
    if (layer > 0 && problem.layers[layer - 1] == type && type == next) continue;
    const LayerType& from = problem.types[static_cast<std::size_t>(type)];
    Asked& asked = uses.asked[static_cast<std::size_t>(from.switch_table)];
    add_all(asked.from, uses.of_type[static_cast<std::size_t>(type)]);
    add_all(asked.to, uses.of_type[static_cast<std::size_t>(next)]);
  }
  return uses;
}

bool ends_are_alike(const LayerType& type, int one, int other) {
  return enter_toll(type, one) == enter_toll(type, other) &&
         leave_toll(type, one) == leave_toll(type, other);
}

// Where both are asked for, the toll to and from themselves, which is none, is one of those that
// must be the same.
bool changes_are_alike(const Problem& problem, const Asked& asked, int one, int other) {
  const auto toll = [&](int from, int to) {
    return switch_toll(problem, *asked.table, {.from = from, .to = to});
  };
  const auto is_free = [&](int from, int to) {
    return !has(asked.from, from) || !has(asked.to, to) || toll(from, to) == Toll{};
  };
  if (!is_free(one, other) || !is_free(other, one)) return false;
  if (has(asked.from, one) && has(asked.from, other) &&
      std::any_of(asked.to.begin(), asked.to.end(),
                  [&](int to) { return toll(one, to) != toll(other, to); })) {
    return false;
  }
  return !has(asked.to, one) || !has(asked.to, other) ||
         std::all_of(asked.from.begin(), asked.from.end(),
                     [&](int from) { return toll(from, one) == toll(from, other); });
}

bool are_alike(const Problem& problem, const Uses& uses, int one, int other) {
  for (std::size_t type = 0; type < problem.types.size(); ++type) {
    if (!has(uses.of_type[type], one) || !has(uses.of_type[type], other)) continue;
    if (!ends_are_alike(problem.types[type], one, other)) return false;
  }
  return std::all_of(uses.asked.begin(), uses.asked.end(), [&](const Asked& asked) {
    return changes_are_alike(problem, asked, one, other);
  });
}

// Layouts of one class, all alike to each other.
std::vector<Layouts> members_of(const Problem& problem, const Uses& uses) {
  Layouts used;
  for (const Layouts& layouts : uses.of_type) add_all(used, layouts);
  std::vector<Layouts> classes;
  for (const int layout : used) {
    const auto alike = std::find_if(classes.begin(), classes.end(), [&](const Layouts& members) {
      return std::all_of(members.begin(), members.end(),
                         [&](int member) { return are_alike(problem, uses, member, layout); });
    });
    if (alike == classes.end()) {
      classes.push_back({layout});
    } else {
      alike->push_back(layout);
    }
  }
  return classes;
}

// The first member that is among these layouts; -1 where none is.
int member_among(const Layouts& members, const Layouts& layouts) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](int member) { return has(layouts, member); });
  return found == members.end() ? -1 : *found;
}

std::vector<Toll> switch_tolls(const Problem& problem, const Asked& asked,
                               const std::vector<Layouts>& classes) {
  std::vector<int> from, to;
  for (const Layouts& members : classes) {
    from.push_back(member_among(members, asked.from));
    to.push_back(member_among(members, asked.to));
  }
  std::vector<Toll> tolls;
  for (const int first : from) {
    for (const int second : to) {
      const bool is_asked = first >= 0 && second >= 0;
      tolls.push_back(is_asked ? switch_toll(problem, *asked.table, {.from = first, .to = second})
                               : Toll{});
    }
  }
  return tolls;
}

}  // namespace

LayoutClasses layout_classes(const Problem& problem) {
  const Uses uses = uses_of(problem);
  const std::vector<Layouts> members = members_of(problem, uses);
  LayoutClasses classes{
      .count = static_cast<int>(members.size()),
      .of_layout = std::vector<int>(static_cast<std::size_t>(problem.layouts), -1)};
  for (int index = 0; index < classes.count; ++index) {
    for (const int layout : members[static_cast<std::size_t>(index)]) {
      classes.of_layout[static_cast<std::size_t>(layout)] = index;
    }
  }
  for (const Asked& asked : uses.asked) {
    classes.switches.push_back(switch_tolls(problem, asked, members));
  }
  for (std::size_t type = 0; type < problem.types.size(); ++type) {
    std::vector<Toll> enter, leave;
    for (const Layouts& layouts : members) {
      const int member = member_among(layouts, uses.of_type[type]);
      enter.push_back(member < 0 ? Toll{} : enter_toll(problem.types[type], member));
      leave.push_back(member < 0 ? Toll{} : leave_toll(problem.types[type], member));
    }
    classes.enter.push_back(std::move(enter));
    classes.leave.push_back(std::move(leave));
  }
  return classes;
}

}  // namespace galvatron::search
