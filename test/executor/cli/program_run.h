// Running galvatron-exec from outside, with a plan and data small enough for any machine.
#pragma once

#include <filesystem>
#include <string>

#include "planner/plan/plan.h"

namespace galvatron {

std::filesystem::path scratch();  // of this test program
std::string content(const std::filesystem::path& path);

// Two stages of one rank each, two micro-batches.
Plan two_rank_plan();

// Both return the path of the file that they write.
std::string write_plan(const Plan& plan);
std::string data();

struct Ended {
  int code = 0;  // 128 + signal where the program was ended by one
  std::string out;
  std::string err;
};

// `environment`: NAME=value words before the command.
Ended run(const std::string& arguments, const std::string& environment = "");

// Sends the program a signal, such as "TERM", as soon as the file has something in it.
Ended run_until(const std::filesystem::path& file, const std::string& signal_name,
                const std::string& arguments);

}  // namespace galvatron
