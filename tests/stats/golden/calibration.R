# Rscript calibration.R <input folder> <output folder>: calibration_rows.csv (three samples) and calibration.json (R 4.2.2, survey 4.1-1).
suppressMessages(library(survey))
options(survey.lonely.psu = "fail")
out <- commandArgs(TRUE)[2]
data(api)

# --- three samples in one form: stratum, cluster, clusters in the population (0: no fpc), weight, margins a and b, v, y1-y3, domain d
code <- function(x) as.integer(as.factor(x))
school <- function(d) data.frame(v = d$api99, y1 = d$api00, y2 = d$enroll, y3 = as.integer(d$awards == "Yes"), d = as.integer(d$yr.rnd == "Yes"))
strat <- cbind(sample = "strat", stratum = code(apistrat$stype), cluster = seq_len(nrow(apistrat)), population = apistrat$fpc,
               weight = apistrat$pw, a = code(apistrat$comp.imp), b = code(apistrat$stype), school(apistrat))
clus1 <- cbind(sample = "clus1", stratum = 1L, cluster = code(apiclus1$dnum), population = apiclus1$fpc,
               weight = 6194 / 183, a = code(apiclus1$stype), b = code(apiclus1$sch.wide), school(apiclus1))
set.seed(20261122)
made <- do.call(rbind, lapply(1:48, function(j) {
  k <- sample(2:7, 1)
  stratum <- (j - 1) %/% 12 + 1
  v <- round(rgamma(k, 4, 0.5), 2)
  data.frame(sample = "made", stratum, cluster = 1000L + j, population = c(0, 40, 30, 0)[stratum],
             weight = round(stratum * exp(rnorm(k, 1.5, 0.7)), 3), a = sample(1:3, k, TRUE, c(0.5, 0.3, 0.2)), b = sample(1:4, k, TRUE), v,
             y1 = round(10 * v + rnorm(k, 0, 9), 2), y2 = sample(1:5, k, TRUE), y3 = rbinom(k, 1, plogis(v / 4)), d = rbinom(k, 1, 0.4))
}))
made <- made[made$stratum < 5, ]
rows <- rbind(strat, clus1, made)
text <- file(file.path(out, "calibration_rows.csv"), "w")
writeLines(paste(names(rows), collapse = ","), text)
writeLines(do.call(paste, c(lapply(rows, function(x) if (is.character(x)) x else sprintf("%.17g", x)), sep = ",")), text)
close(text)

# --- populations, bounds of weight / base, and trimming bounds of the weight
pop <- function(a, b, v, bounds, trim) list(a = a, b = b, v = v, bounds = bounds, trim = trim)
known <- list(
  strat = pop(as.numeric(table(code(apipop$comp.imp))), as.numeric(table(code(apipop$stype))), sum(apipop$api99), c(0.72, 1.24), c(16, 44)),
  clus1 = pop(as.numeric(table(code(apipop$stype))), as.numeric(table(code(apipop$sch.wide))), sum(apipop$api99), c(0.6, 1.8), c(28, 45)),
  made = pop(c(1400, 900, 500), c(640, 690, 700, 770), 24000, c(0.4, 1.9), c(4, 60)))

figures <- function(design, every) {
  n <- nrow(design$variables)
  total <- svytotal(~y1 + y2 + y3, design)
  mean <- svymean(~y1 + y2 + y3, design)
  ratio <- svyratio(~I(y1 * d) + I(y2 * d) + I(y3 * d), ~d, design, covmat = TRUE)
  list(weight = as.numeric(weights(design))[seq(1, n, every)], weight_squares = sum(weights(design)^2),
       total = as.numeric(coef(total)), total_covariance = as.numeric(vcov(total)),
       mean = as.numeric(coef(mean)), mean_covariance = as.numeric(vcov(mean)),
       ratio = as.numeric(coef(ratio)), ratio_covariance = as.numeric(vcov(ratio)))
}

one <- function(name) {
  d <- rows[rows$sample == name, ]; p <- known[[name]]
  d$a <- factor(d$a); d$b <- factor(d$b)
  d$fpc <- ifelse(d$population > 0, d$population, Inf)
  base <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~weight, fpc = ~fpc, data = d, nest = TRUE)
  margin <- function(variable) setNames(data.frame(levels(d[[variable]]), p[[variable]]), c(variable, "Freq"))
  x <- c(sum(p$a), p$a[-1], p$b[-1] * sum(p$a) / sum(p$b), p$v)
  full <- ~ a + b + v
  cal <- function(...) calibrate(base, full, unname(x), epsilon = 1e-13, maxit = 500, ...)
  margins <- list(margin("a"), margin("b"))
  raked <- rake(base, list(~a, ~b), margins, control = list(epsilon = 1e-14, maxit = 5000))
  reference <- calibrate(base, ~ a + b, unname(x[-length(x)]), calfun = "raking", epsilon = 1e-14, maxit = 500)
  as_r <- suppressWarnings(rake(base, list(~a, ~b), margins, control = list(epsilon = 1, maxit = 2)))
  designs <- list(
    post = postStratify(base, ~a, margins[[1]]), linear = cal(calfun = "linear"), raking = cal(calfun = "raking"),
    logit = cal(calfun = "logit", bounds = p$bounds), truncated = cal(calfun = "linear", bounds = p$bounds),
    margins = reference, rake_like_r = raked, rake_two_sweeps = as_r,
    trim_linear = trimWeights(cal(calfun = "linear"), lower = p$trim[1], upper = p$trim[2]),
    trim_post = trimWeights(postStratify(base, ~a, margins[[1]]), lower = p$trim[1], upper = p$trim[2]),
    trim_rake = trimWeights(raked, lower = p$trim[1], upper = p$trim[2]))
  lapply(designs, figures, every = 7)
}

json <- function(x) {
  if (is.list(x)) paste0("{", paste0('"', names(x), '": ', vapply(x, json, ""), collapse = ",\n"), "}")
  else paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
}
writeLines(json(list(known = known, figures = sapply(names(known), one, simplify = FALSE))), file.path(out, "calibration.json"))
