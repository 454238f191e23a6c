# Writes estimators.json: Rscript estimators.R <input folder> <output folder>   (R 4.2.2, survey 4.1-1, MASS)
# Every entry: family|design|statistic|domain -> value, full covariance by columns, and where asked df and both design effects.
suppressPackageStartupMessages(library(survey))
folders <- commandArgs(TRUE)
table <- function(name) read.csv(file.path(folders[1], name), stringsAsFactors = FALSE)
options(survey.lonely.psu = "adjust", warn = -1)
out <- list()
number <- function(x) sprintf("%.17g", as.numeric(x))
row <- function(name, x) if (is.null(x)) NULL else paste0("\"", name, "\": [", paste(number(x), collapse = ", "), "]")
put <- function(family, design, statistic, domain, value, covariance, df = NULL, deff = NULL, replaced = NULL) {
  key <- paste(family, design, statistic, domain, sep = "|")
  stopifnot(is.null(out[[key]]), is.finite(as.numeric(value)), is.finite(as.numeric(covariance)))
  parts <- c(row("value", value), row("covariance", covariance), row("df", df), row("deff", deff), row("replaced", replaced))
  out[[key]] <<- paste0("\"", key, "\": {", paste(parts, collapse = ", "), "}")
}
say <- function(family, design, statistic, domain, x, ...) put(family, design, statistic, domain, coef(x), vcov(x), ...)

# ---- the designs
made <- table("made.csv")
made$row <- seq_len(nrow(made)); made$one <- 1
for (k in 1:12) {
  made[[paste0("m", k)]] <- as.numeric(!is.na(made[[paste0("q", k)]]))
  made[[paste0("v", k)]] <- ifelse(is.na(made[[paste0("q", k)]]), 0, made[[paste0("q", k)]])
  made[[paste0("s", k)]] <- as.numeric(made[[paste0("v", k)]] >= 4)
}
plain <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~w, fpc = ~N, data = made)
endless <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~w, data = made)
single <- svydesign(ids = ~1, strata = ~stratum, weights = ~w, data = made)
staged <- svydesign(ids = ~cluster + row, strata = ~stratum, weights = ~w, fpc = ~N + held, data = made)
total <- sum(made$w)
ages <- data.frame(age = 1:4, Freq = total * c(0.2, 0.35, 0.25, 0.2))
post <- postStratify(plain, ~age, ages)
margins <- c("(Intercept)" = total, "factor(age)2" = 0.35 * total, "factor(age)3" = 0.25 * total, "factor(age)4" = 0.2 * total,
             "factor(channel)S" = 0.28 * total, "factor(channel)V" = 0.55 * total)
raked <- calibrate(plain, ~factor(age) + factor(channel), margins, calfun = "raking", epsilon = 1e-14, maxit = 200)
linear <- calibrate(plain, ~factor(age) + trips, c(margins[1:4], trips = 1.65 * total))
mades <- list(plain = plain, endless = endless, single = single, staged = staged, post = post, raked = raked, linear = linear)

# ---- any ratio, total or composite of zero-coded columns, from svytotal and its covariance
ratios <- function(d, Y, M) {
  t <- svytotal(cbind(Y, M), d)
  k <- ncol(Y); y <- coef(t)[1:k]; m <- coef(t)[k + 1:k]
  G <- cbind(diag(1 / m, k), diag(-y / m^2, k))
  list(value = y / m, covariance = G %*% vcov(t) %*% t(G))
}
columns <- function(prefix, ks) as.matrix(made[paste0(prefix, ks)])
domains <- list(channel = outer(made$channel, c("P", "S", "V"), "==") * 1, unit = outer(made$unit, 1:8, "==") * 1,
                month = outer(made$month, 1:4, "==") * 1)
members <- function(d, inside) {
  used <- which(inside > 0)
  length(unique(made$cluster[used])) - length(unique(made$stratum[used]))
}
weights12 <- c(2, 1, 1, 3, 1, 1, 1, 2, 2, 1, 1, 4) / 20
for (name in names(mades)) {
  d <- mades[[name]]
  family <- if (name == "staged") "staged" else if (name %in% c("post", "raked", "linear")) "calibrated" else NULL
  fam <- function(own) if (is.null(family)) own else family
  r <- ratios(d, columns("s", 1:5), columns("m", 1:5)); put(fam("share"), name, "share1-5", "", r$value, r$covariance)
  r <- ratios(d, columns("v", 1:5), columns("m", 1:5)); put(fam("mean"), name, "mean1-5", "", r$value, r$covariance)
  if (!is.null(family)) {
    for (by in names(domains)) {
      D <- domains[[by]]
      r <- ratios(d, D * made$s1, D * made$m1); put(family, name, "share1", by, r$value, r$covariance)
      r <- ratios(d, D * made$minutes, D * made$trips); put(family, name, "ratio", by, r$value, r$covariance)
    }
  }
  say(fam("total"), name, "totals", "", svytotal(~minutes + trips + s1 + s3 + v2, d))
  both <- svyratio(~minutes + v1, ~trips, d, covmat = TRUE); say(fam("ratio"), name, "ratios", "", both)
  three <- svyratio(~minutes + trips + w, ~dossiers, d, covmat = TRUE); say(fam("ratio"), name, "three", "", three)
  t <- svytotal(cbind(columns("s", 1:12), columns("m", 1:12)), d)
  names(t) <- c(paste0("y", 1:12), paste0("m", 1:12)); dimnames(attr(t, "var")) <- list(names(t), names(t))
  all12 <- parse(text = paste0(number(weights12), " * y", 1:12, " / m", 1:12, collapse = " + "))[[1]]
  four <- parse(text = paste0("0.25 * y", c(1, 4, 7, 10), " / m", c(1, 4, 7, 10), collapse = " + "))[[1]]
  for (entry in c("all12", "four")) { x <- svycontrast(t, get(entry)); put(fam("composite"), name, entry, "", coef(x), vcov(x)) }
  for (by in names(domains)) for (j in seq_len(ncol(domains[[by]]))) {
    if (!is.null(family)) next
    D <- domains[[by]][, j]
    td <- svytotal(cbind(columns("v", 1:12), columns("m", 1:12)) * D, d)
    names(td) <- names(t); dimnames(attr(td, "var")) <- dimnames(attr(t, "var"))
    x <- svycontrast(td, all12); put("composite", name, "means12", paste0(by, j - 1), coef(x), vcov(x))
  }
  u <- svytotal(~one + minutes + I(minutes^2) + trips + I(trips * minutes), d)
  names(u) <- c("n", "a", "aa", "b", "ab"); dimnames(attr(u, "var")) <- list(names(u), names(u))
  forms <- list(deviation = quote(sqrt(aa / n - (a / n)^2)), slope = quote((ab / n - a * b / n^2) / (aa / n - (a / n)^2)),
                log = quote(log(a / b)), geometric = quote(sqrt(a * b) / n))
  for (form in names(forms)) { x <- svycontrast(u, forms[[form]]); put(fam("smooth"), name, form, "", coef(x), vcov(x)) }
  for (by in names(domains)) for (j in seq_len(ncol(domains[[by]]))) {
    if (!is.null(family) || by == "unit") next
    D <- domains[[by]][, j]
    ud <- svytotal(cbind(made$one, made$minutes, made$minutes^2, made$trips, made$trips * made$minutes) * D, d)
    names(ud) <- names(u); dimnames(attr(ud, "var")) <- dimnames(attr(u, "var"))
    for (form in names(forms)) { x <- svycontrast(ud, forms[[form]]); put("smooth", name, form, paste0(by, j - 1), coef(x), vcov(x)) }
  }
}

# ---- domains by svyby and subset, covariance between domains included; contrasts between them; df; design effects
for (name in c("plain", "endless", "single")) {
  d <- mades[[name]]
  for (by in c("channel", "unit", "month")) {
    f <- as.formula(paste0("~", by))
    x <- svyby(~minutes, f, d, svymean, covmat = TRUE, keep.var = TRUE)
    df <- sapply(sort(unique(made[[by]])), function(l) degf(d[made[[by]] == l, ]))
    say("domain", name, "minutes", by, x, df = df)
    k <- nrow(x)
    for (j in 2:k) {
      a <- rep(0, k); a[1] <- 1; a[j] <- -1
      y <- svycontrast(x, a); put("contrast", name, paste0("difference", j - 1), by, coef(y), vcov(y))
    }
    a <- seq_len(k) - mean(seq_len(k)); y <- svycontrast(x, a); put("contrast", name, "trend", by, coef(y), vcov(y))
    answered <- subset(d, !is.na(q3))
    x <- svyby(~s3, f, answered, svymean, covmat = TRUE)
    df <- sapply(sort(unique(made[[by]])), function(l) degf(subset(d, !is.na(q3) & made[[by]] == l)))
    say("domain", name, "share3", by, x, df = df)
    say("domain", name, "total", by, svyby(~minutes, f, d, svytotal, covmat = TRUE))
    r <- ratios(d, domains[[by]] * made$minutes, domains[[by]] * made$trips); put("ratio", name, "ratio", by, r$value, r$covariance)
    levels <- sort(unique(made[[by]]))
    e <- lapply(levels, function(l) svymean(~minutes, d[made[[by]] == l, ], deff = TRUE))
    g <- lapply(levels, function(l) svymean(~minutes, d[made[[by]] == l, ], deff = "replace"))
    put("deff", name, "minutes", by, sapply(e, coef), diag(sapply(e, vcov)), deff = sapply(e, deff), replaced = sapply(g, deff))
    e <- lapply(levels, function(l) svytotal(~trips, d[made[[by]] == l, ], deff = TRUE))
    g <- lapply(levels, function(l) svytotal(~trips, d[made[[by]] == l, ], deff = "replace"))
    put("deff", name, "trips", by, sapply(e, coef), diag(sapply(e, vcov)), deff = sapply(e, deff), replaced = sapply(g, deff))
  }
  df <- sapply(0:23, function(h) degf(d[made$stratum == h, ]))
  put("degf", name, "strata", "stratum", df, df, df = df)
  df <- sapply(1:12, function(k) degf(subset(d, made[[paste0("m", k)]] == 1)))
  put("degf", name, "items", "", df, df, df = c(df, degf(d)))
}

# ---- lonely strata, every rule; a domain is zero-coded
for (rule in c("adjust", "average", "certainty", "remove")) {
  options(survey.lonely.psu = rule)
  for (name in c("plain", "endless")) {
    d <- mades[[name]]
    key <- paste(name, rule, sep = "-")
    r <- ratios(d, columns("s", 1:3), columns("m", 1:3)); put("lonely", key, "share1-3", "", r$value, r$covariance)
    D <- domains$channel
    r <- ratios(d, D * made$minutes, D * made$one); put("lonely", key, "minutes", "channel", r$value, r$covariance)
    say("lonely", key, "totals", "", svytotal(~minutes + trips + s1 + s3 + v2, d))
  }
}
options(survey.lonely.psu = "adjust")

# ---- data(api)
strat <- table("api_strat.csv"); clus1 <- table("api_clus1.csv"); clus2 <- table("api_clus2.csv")
apis <- list(
  strat = svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  stratfree = svydesign(ids = ~1, strata = ~stype, weights = ~pw, data = strat),
  clus1 = svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc, data = clus1),
  clus2 = svydesign(ids = ~dnum + snum, fpc = ~fpc1 + fpc2, data = clus2)
)
schools <- c(E = 4421, H = 755, M = 1018)
types <- data.frame(stype = c("E", "H", "M"), Freq = unname(schools))
apis$clus1post <- postStratify(apis$clus1, ~stype, types)
apis$clus1raked <- calibrate(apis$clus1, ~stype + sch.wide, c("(Intercept)" = 6194, stypeH = 755, stypeM = 1018, sch.wideYes = 5122),
                             calfun = "raking", epsilon = 1e-14, maxit = 200)
apis$clus1linear <- calibrate(apis$clus1, ~stype + api99, c("(Intercept)" = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069))
for (name in names(apis)) {
  d <- apis[[name]]
  family <- if (name == "clus2") "staged" else if (grepl("^clus1.", name)) "calibrated" else NULL
  fam <- function(own) if (is.null(family)) own else family
  x <- svymean(~api00 + api99 + meals + ell + full, d, deff = TRUE)
  g <- svymean(~api00 + api99 + meals + ell + full, d, deff = "replace")
  say(fam("mean"), name, "five", "", x, deff = deff(x), replaced = deff(g), df = rep(degf(d), 5))
  say(fam("share"), name, "awards", "", svymean(~as.numeric(awards == "Yes") + as.numeric(comp.imp == "Yes") + as.numeric(sch.wide == "Yes"), d))
  say(fam("total"), name, "totals5", "", svytotal(~api00 + api99 + meals + ell + full, d))
  say(fam("ratio"), name, "growth", "", svyratio(~api00, ~api99, d))
  say(fam("ratio"), name, "tested", "", svyratio(~api.stu, ~enroll, d, na.rm = TRUE))
  x <- svymean(~api00 + api99 + meals, d)
  put(fam("contrast"), name, "change", "", coef(svycontrast(x, c(1, -1, 0))), vcov(svycontrast(x, c(1, -1, 0))))
}
writeLines(c("{", paste(unlist(out), collapse = ",\n"), "}"), file.path(folders[2], "estimators.json"))
