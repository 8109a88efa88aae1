{{- define "hostler.name" -}}
{{- default .Release.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "hostler.account" -}}
{{- default (include "hostler.name" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "hostler.selector" -}}
app.kubernetes.io/name: hostler
app.kubernetes.io/component: api
{{- if ne .Release.Name "hostler" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- end -}}

{{- define "hostler.labels" -}}
{{ include "hostler.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "hostler.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ default $.Chart.AppVersion .tag }}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hostler.config" -}}
{{- if .Values.config -}}{{ toYaml .Values.config }}{{- else -}}{{ .Files.Get "files/hostler.yaml" | trimSuffix "\n" }}{{- end -}}
{{- end -}}
