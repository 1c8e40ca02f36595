// What `galvatron` ends with.
#pragma once

namespace galvatron {

enum class ExitCode {
  ok = 0,
  negative_answer = 1,  // plans differ, a check failed
  usage = 2,
  bad_input = 3,
  infeasible = 4,
  time_limit = 5,  // the best plan so far is written if there is one
  internal_error = 70,
  interrupted = 130,  // the best plan so far is written if there is one
};

enum class SearchEnd;

// Of a command whose search found something.
ExitCode exit_code_of(SearchEnd end);

}  // namespace galvatron
